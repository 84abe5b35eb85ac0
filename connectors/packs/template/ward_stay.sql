-- One row: the time a patient stays in one bed of one ward within a spell.
-- Traps: planned moves are no stays; a move that was undone must go away; two open stays of one spell are one too many
-- (of several, the one that began last counts); a stay that was never closed keeps a patient on the ward for ever.
SELECT
    -- must be given, never empty: the spell of spell.sql
    b.admission_id AS spell_key,
    -- must be given, never empty: the ward by the code that your [[wards]] know (code or source_codes)
    b.ward_code AS ward_code,
    -- empty when no bed is assigned
    b.bed_code AS bed_code,
    -- must be given, never empty: arrival
    b.from_time AS start_ts,
    -- must be given, empty while it lasts
    CASE WHEN b.to_time <= :as_at THEN b.to_time END AS end_ts,
    -- leave: the patient is away and the bed is kept. Leave both out if your system has none
    CASE WHEN b.leave_from <= :as_at THEN b.leave_from END AS on_leave_from,
    CASE WHEN b.leave_to <= :as_at THEN b.leave_to END AS on_leave_to
FROM epr_bed_stay b
JOIN epr_admission a ON a.admission_id = b.admission_id
WHERE b.from_time <= :as_at
  -- every stay of the spells of spell.sql
  AND (
    a.discharged_at IS NULL
    OR a.discharged_at >= :since
    OR (
      a.discharged_at >= :events_since
      AND (
        a.admission_id IN (SELECT w.admission_id FROM epr_wound w)
        OR a.patient_id IN (SELECT t.patient_id FROM lab_micro_test t WHERE t.outcome IN ('TOX'))
      )
    )
  )
