-- Attendances that led to an inpatient visit: an emergency visit that the inpatient visit names as the one before it,
-- or the beginning of a visit that was both at once (code ERIP).
-- Left out: when the patient was first seen, and the decision to admit. The model has neither.
SELECT
  v.visit_occurrence_id AS spell_key,
  CASE
    WHEN c.concept_code = 'ERIP' THEN COALESCE(v.visit_start_datetime, v.visit_start_date)
    ELSE COALESCE(e.visit_start_datetime, e.visit_start_date)
  END AS arrival_ts
FROM visit_occurrence v
JOIN concept c ON c.concept_id = v.visit_concept_id
LEFT JOIN visit_occurrence e ON e.visit_occurrence_id = v.preceding_visit_occurrence_id
LEFT JOIN concept ec ON ec.concept_id = e.visit_concept_id
WHERE c.vocabulary_id = 'Visit'
  AND (c.concept_code = 'ERIP' OR (c.concept_code = 'IP' AND ec.vocabulary_id = 'Visit' AND ec.concept_code = 'ER'))
  AND COALESCE(v.visit_start_datetime, v.visit_start_date) <= :as_at
  AND COALESCE(v.visit_end_datetime, v.visit_end_date) >= :since
