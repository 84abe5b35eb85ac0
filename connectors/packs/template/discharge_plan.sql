-- One row: one state of a patient's discharge plan; the latest stands whole.
-- Trap: a history with one row for each changed field must be put together first, or the other fields are lost.
SELECT
    -- must be given, never empty
    h.admission_id AS spell_key,
    -- must be given: expected date of discharge, a date without a time
    h.expected_date AS edd,
    -- when this state was entered
    h.changed_at AS edd_set_ts,
    -- flagged to leave early on this date
    h.golden_date AS golden_for_date,
    -- 01-12, none for "meets none of them", or empty for not reviewed: do not mix up the last two
    h.criteria_code AS criteria_to_reside_code,
    -- since when the patient is ready to leave
    h.ready_since AS discharge_ready_ts,
    -- in your words
    h.certainty AS discharge_certainty
FROM epr_discharge_plan h
-- everything of a spell that is not over, however old: patients stay longer than :since reaches
JOIN epr_admission a ON a.admission_id = h.admission_id
WHERE h.changed_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)
