-- A visit detail of an inpatient visit that is no frame around other details, at its care site. An inpatient visit
-- without details lies where the visit says, so that nobody is lost: if that is the whole hospital, the patient is
-- counted on /status as lying in a unit that is no ward.
--
-- ward_code is the source's own code of the care site (else its name); a detail without a care site is quarantined and
-- counted. An end on the day of the extract or later is no end, as in spell.sql.
-- Left out: bed_code and leave. The model has neither.
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
    v.care_site_id,
    v.visit_start_date,
    v.visit_start_datetime,
    v.visit_end_date,
    v.visit_end_datetime
  FROM visit_occurrence v
  WHERE v.visit_concept_id IN (
    SELECT ca.descendant_concept_id
    FROM concept_ancestor ca
    JOIN concept c ON c.concept_id = ca.ancestor_concept_id
    WHERE c.vocabulary_id = 'Visit' AND c.concept_code IN ('IP', 'ERIP')
  )
),
place AS (
  SELECT
    d.visit_occurrence_id,
    d.care_site_id,
    d.visit_detail_start_date AS start_date,
    d.visit_detail_start_datetime AS start_datetime,
    d.visit_detail_end_date AS end_date,
    d.visit_detail_end_datetime AS end_datetime
  FROM visit_detail d
  JOIN visit v ON v.visit_occurrence_id = d.visit_occurrence_id
  WHERE NOT EXISTS (SELECT 1 FROM visit_detail part WHERE part.parent_visit_detail_id = d.visit_detail_id)
  UNION ALL
  SELECT
    v.visit_occurrence_id,
    v.care_site_id,
    v.visit_start_date,
    v.visit_start_datetime,
    v.visit_end_date,
    v.visit_end_datetime
  FROM visit v
  WHERE NOT EXISTS (SELECT 1 FROM visit_detail d WHERE d.visit_occurrence_id = v.visit_occurrence_id)
),
stay AS (
  SELECT
    p.visit_occurrence_id,
    p.care_site_id,
    COALESCE(p.start_datetime, p.start_date) AS began,
    CASE
      WHEN p.end_date < l.made_on AND COALESCE(p.end_datetime, p.end_date) <= :as_at
      THEN CASE
        WHEN p.end_datetime IS NULL AND p.start_datetime > p.end_date THEN p.start_datetime
        ELSE COALESCE(p.end_datetime, p.end_date)
      END
    END AS ended
  FROM place p
  CROSS JOIN loaded l
)
SELECT
  s.visit_occurrence_id AS spell_key,
  COALESCE(cs.care_site_source_value, cs.care_site_name) AS ward_code,
  s.began AS start_ts,
  s.ended AS end_ts
FROM stay s
LEFT JOIN care_site cs ON cs.care_site_id = s.care_site_id
WHERE s.began <= :as_at
  AND (s.ended IS NULL OR s.ended >= :since)
