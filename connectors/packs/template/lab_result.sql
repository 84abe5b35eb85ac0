-- One row: one laboratory result. Creatinine is all that is read.
-- Traps: results of the emergency department have no spell yet, so the person is the key; a corrected result must replace
-- the first one; point-of-care results are results; text ("haemolysed") is no number: leave the value empty.
SELECT
    -- must be given, never empty: the person of spell.sql
    r.patient_id AS patient_key,
    -- must be given, never empty (mapping.test)
    r.test_code AS test,
    -- must be given: the number
    r.numeric_result AS value,
    -- of creatinine: umol/L
    r.unit AS unit,
    -- must be given, never empty: when the specimen was taken, not when it reached the laboratory
    r.specimen_taken_at AS collected_ts,
    -- when the result was authorised
    r.authorised_at AS reported_ts,
    -- the laboratory's reference range
    r.reference_low AS ref_low,
    r.reference_high AS ref_high,
    -- the laboratory's AKI warning stage, 0 to 3. Without this column the AKI measure is not connected
    r.aki_stage AS aki_stage_from_lab
FROM lab_result_line r
WHERE r.test_code IN ('CREA')
  AND r.specimen_taken_at >= :since
  AND r.authorised_at <= :as_at
