-- One row: something that happened to a patient and may ask for re-assessment.
-- Connect it only if falls, surgery and changes of condition are all there: with a part of them, re-assessments that are
-- due would look as if they were not. Moves between wards need not be given: ward_stay tells them.
SELECT
    -- must be given, never empty
    v.admission_id AS spell_key,
    -- must be given, never empty (mapping.type)
    v.event_name AS type,
    -- must be given, never empty: when it happened
    v.happened_at AS ts
FROM epr_event v
-- everything of a spell that is not over, however old: patients stay longer than :since reaches
JOIN epr_admission a ON a.admission_id = v.admission_id
WHERE v.happened_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)
