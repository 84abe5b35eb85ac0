-- Creatinine in serum or plasma, in umol/L. measurement_datetime is the time nearest to when the specimen was taken (the
-- model's own rule). A result below or above the limit of the method counts with that limit.
--
-- The codes: LOINC 14682-9 (moles/volume), 2160-0 (mass/volume); SNOMED CT, UK edition, 1000731000000107 (serum) and
-- 1001011000000107 (plasma); 113075003. Put in those that your load writes into measurement_concept_id.
-- Left out: when it was reported (the model has no second time) and the laboratory's AKI warning stage. Without that
-- stage the AKI measure is not connected, unless the site switches on the program's own.
WITH kind AS (
  SELECT c.concept_id, c.concept_code
  FROM concept c
  WHERE (c.vocabulary_id = 'LOINC' AND c.concept_code IN ('14682-9', '2160-0'))
     OR (c.vocabulary_id = 'SNOMED' AND c.concept_code IN ('1000731000000107', '1001011000000107', '113075003'))
),
result AS (
  SELECT
    m.person_id,
    COALESCE(m.measurement_datetime, m.measurement_date) AS taken,
    m.value_as_number,
    m.range_low,
    m.range_high,
    CASE
      WHEN u.vocabulary_id = 'UCUM' THEN u.concept_code
      WHEN m.unit_source_value IS NOT NULL THEN m.unit_source_value
      WHEN k.concept_code = '2160-0' THEN 'mg/dL'
    END AS unit
  FROM measurement m
  JOIN kind k ON k.concept_id = m.measurement_concept_id
  LEFT JOIN concept u ON u.concept_id = m.unit_concept_id
  WHERE COALESCE(m.measurement_datetime, m.measurement_date) <= :as_at
    AND COALESCE(m.measurement_datetime, m.measurement_date) >= :since
)
SELECT
  r.person_id AS patient_key,
  'creatinine' AS test,
  -- the molar mass of creatinine is 113.12 g/mol
  CASE WHEN r.unit = 'mg/dL' THEN CAST(r.value_as_number * 88.4 AS DECIMAL(10, 2)) ELSE r.value_as_number END AS value,
  CASE WHEN r.unit = 'mg/dL' THEN 'umol/L' ELSE r.unit END AS unit,
  r.taken AS collected_ts,
  CASE WHEN r.unit = 'mg/dL' THEN CAST(r.range_low * 88.4 AS DECIMAL(10, 2)) ELSE r.range_low END AS ref_low,
  CASE WHEN r.unit = 'mg/dL' THEN CAST(r.range_high * 88.4 AS DECIMAL(10, 2)) ELSE r.range_high END AS ref_high
FROM result r
