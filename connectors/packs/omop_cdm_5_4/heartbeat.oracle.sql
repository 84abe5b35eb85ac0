-- heartbeat.sql for Oracle, where dates and times do not mix.
-- The moment up to which everything is known to be here: the first moment of the day of the extract.
--
-- The Common Data Model keeps two dates of a whole load and no time. The earlier one counts: source_release_date is the
-- day up to which the source was captured, cdm_release_date the day on which the tables were made of it. Of several
-- rows, the oldest. Whatever happened later on that day may or may not have been captured, so the figures are those of
-- its first moment, and grow old from then on. A load that says it is new but holds no new visit is no newer than its
-- newest visit: dates can be written by a job that copied nothing.
--
-- No answer, and so no figure at all, where cdm_source is empty, or where the vocabulary that tells inpatients from
-- others is not loaded: nobody would be counted, and that would look like an empty hospital.
WITH loaded AS (
  SELECT
    MIN(
      CASE WHEN s.cdm_release_date < s.source_release_date THEN s.cdm_release_date ELSE s.source_release_date END
    ) AS made_on
  FROM cdm_source s
),
newest AS (
  SELECT MAX(COALESCE(v.visit_start_datetime, CAST(v.visit_start_date AS TIMESTAMP))) AS began
  FROM visit_occurrence v
  WHERE COALESCE(v.visit_start_datetime, CAST(v.visit_start_date AS TIMESTAMP)) <= :as_at
)
SELECT CASE WHEN n.began < l.made_on THEN n.began ELSE CAST(l.made_on AS TIMESTAMP) END AS newest
FROM loaded l
CROSS JOIN newest n
WHERE n.began IS NOT NULL
  AND EXISTS (
    SELECT 1
    FROM concept_ancestor ca
    JOIN concept c ON c.concept_id = ca.ancestor_concept_id
    WHERE c.vocabulary_id = 'Visit' AND c.concept_code IN ('IP', 'ERIP')
  )
