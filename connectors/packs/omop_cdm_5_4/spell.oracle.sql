-- spell.sql for Oracle, where dates and times do not mix.
-- An inpatient visit.
--
-- visit_end_date may not be empty in the Common Data Model: of a patient who still lies there at the extract it holds
-- the day of the extract (OHDSI/Themis issues 88 and 168). So an end on that day or later is no end: taken at its word,
-- every load would empty the hospital. As the figures are those of the first moment of that day (heartbeat.sql), whoever
-- was really discharged during it counts as nobody too many.
--
-- A visit whose end has a date and no time ended at the first moment of that date, or as soon as it began.
-- Left out: patient_class (empty is inpatient), age_days (needs arithmetic with dates, which every database writes
-- differently), pregnant_or_recent, is_test, merged_into: the model has none of them.
WITH loaded AS (
  SELECT
    MIN(
      CASE WHEN s.cdm_release_date < s.source_release_date THEN s.cdm_release_date ELSE s.source_release_date END
    ) AS made_on
  FROM cdm_source s
),
visit AS (
  SELECT
    v.visit_occurrence_id,
    v.person_id,
    v.admitted_from_source_value,
    v.discharged_to_source_value,
    v.visit_start_date,
    v.visit_end_date,
    COALESCE(v.visit_start_datetime, CAST(v.visit_start_date AS TIMESTAMP)) AS began,
    CASE
      WHEN v.visit_end_date < l.made_on AND COALESCE(v.visit_end_datetime, CAST(v.visit_end_date AS TIMESTAMP)) <= :as_at
      THEN CASE
        WHEN v.visit_end_datetime IS NULL AND v.visit_start_datetime > v.visit_end_date THEN v.visit_start_datetime
        ELSE COALESCE(v.visit_end_datetime, CAST(v.visit_end_date AS TIMESTAMP))
      END
    END AS ended
  FROM visit_occurrence v
  CROSS JOIN loaded l
  -- inpatients, by the codes of the vocabulary Visit and everything below them (intensive care, for example);
  -- a concept is its own ancestor there
  WHERE v.visit_concept_id IN (
    SELECT ca.descendant_concept_id
    FROM concept_ancestor ca
    JOIN concept c ON c.concept_id = ca.ancestor_concept_id
    WHERE c.vocabulary_id = 'Visit' AND c.concept_code IN ('IP', 'ERIP')
  )
)
SELECT
  v.person_id AS patient_key,
  v.visit_occurrence_id AS spell_key,
  v.began AS admit_ts,
  v.admitted_from_source_value AS admission_method,
  v.ended AS discharge_ts,
  CASE
    WHEN v.ended IS NULL THEN NULL
    WHEN EXISTS (
      SELECT 1
      FROM death d
      WHERE d.person_id = v.person_id AND d.death_date >= v.visit_start_date AND d.death_date <= v.visit_end_date
    ) THEN 'died'
    ELSE v.discharged_to_source_value
  END AS discharge_method,
  -- completed years; where only the year of birth is known, as if the birthday had been
  EXTRACT(YEAR FROM v.visit_start_date) - p.year_of_birth
    - CASE
        WHEN EXTRACT(MONTH FROM v.visit_start_date) * 100
          + EXTRACT(DAY FROM v.visit_start_date)
          < p.month_of_birth * 100 + COALESCE(p.day_of_birth, 1)
        THEN 1
        ELSE 0
      END AS age,
  CASE WHEN g.vocabulary_id = 'Gender' THEN g.concept_code END AS sex
FROM visit v
LEFT JOIN person p ON p.person_id = v.person_id
LEFT JOIN concept g ON g.concept_id = p.gender_concept_id
WHERE v.began <= :as_at
  AND (v.ended IS NULL OR v.ended >= :since)
