-- obs_set_news2.sql for Oracle, where dates and times do not mix.
-- Vital signs of inpatients: everything charted for one visit at one moment is a set. A value without a time of day
-- belongs to no set; it is quarantined and counted.
--
-- Which concept is which parameter stands in "kind" alone: put in the codes that your load writes into
-- measurement_concept_id or observation_concept_id. LOINC as in the vital signs of FHIR and US Core; SNOMED CT as in the
-- UK Core example bundle of NEWS2 observations and, for the answers of ACVPU, the CareConnect profile of NEWS2.
--
-- Of two values of one parameter at one moment the worse counts. Oxygen counts as air only where that was charted: no
-- flow, a share of 21 %, or the words. Where ACVPU was not charted the total of the Glasgow Coma Scale stands for it
-- (pack.toml says how); new confusion cannot be told from old by that.
-- A set is complete when all seven parameters are there and inside the canonical range.
-- Left out: spo2_scale. Where the score was charted it was scored on the right scale by whoever did it.
WITH kind AS (
  SELECT c.concept_id, 'rr' AS what FROM concept c
  WHERE (c.vocabulary_id = 'LOINC' AND c.concept_code = '9279-1')
     OR (c.vocabulary_id = 'SNOMED' AND c.concept_code = '86290005')
  UNION ALL
  SELECT c.concept_id, 'spo2' FROM concept c
  WHERE (c.vocabulary_id = 'LOINC' AND c.concept_code IN ('2708-6', '59408-5'))
     OR (c.vocabulary_id = 'SNOMED' AND c.concept_code = '103228002')
  UNION ALL
  SELECT c.concept_id, 'sbp' FROM concept c
  WHERE (c.vocabulary_id = 'LOINC' AND c.concept_code = '8480-6')
     OR (c.vocabulary_id = 'SNOMED' AND c.concept_code = '72313002')
  UNION ALL
  SELECT c.concept_id, 'pulse' FROM concept c
  WHERE (c.vocabulary_id = 'LOINC' AND c.concept_code = '8867-4')
     OR (c.vocabulary_id = 'SNOMED' AND c.concept_code IN ('364075005', '78564009'))
  UNION ALL
  SELECT c.concept_id, 'temp' FROM concept c
  WHERE (c.vocabulary_id = 'LOINC' AND c.concept_code = '8310-5')
     OR (c.vocabulary_id = 'SNOMED' AND c.concept_code = '276885007')
  UNION ALL
  SELECT c.concept_id, 'acvpu' FROM concept c
  WHERE c.vocabulary_id = 'SNOMED' AND c.concept_code = '1104441000000107'
  UNION ALL
  SELECT c.concept_id, 'gcs' FROM concept c
  WHERE c.vocabulary_id = 'LOINC' AND c.concept_code = '9269-2'
  UNION ALL
  SELECT c.concept_id, 'flow' FROM concept c
  WHERE c.vocabulary_id = 'LOINC' AND c.concept_code = '3151-8'
  UNION ALL
  SELECT c.concept_id, 'share' FROM concept c
  WHERE c.vocabulary_id = 'LOINC' AND c.concept_code = '3150-6'
  UNION ALL
  SELECT c.concept_id, 'air' FROM concept c
  WHERE c.vocabulary_id = 'SNOMED' AND c.concept_code = '722742002'
  UNION ALL
  SELECT c.concept_id, 'oxygen' FROM concept c
  WHERE c.vocabulary_id = 'SNOMED' AND c.concept_code = '371825009'
  UNION ALL
  SELECT c.concept_id, 'news2' FROM concept c
  WHERE c.vocabulary_id = 'SNOMED' AND c.concept_code = '1104051000000101'
),
visit AS (
  SELECT v.visit_occurrence_id, v.person_id, v.visit_start_date, v.visit_end_date
  FROM visit_occurrence v
  WHERE v.visit_concept_id IN (
    SELECT ca.descendant_concept_id
    FROM concept_ancestor ca
    JOIN concept c ON c.concept_id = ca.ancestor_concept_id
    WHERE c.vocabulary_id = 'Visit' AND c.concept_code IN ('IP', 'ERIP')
  )
    AND COALESCE(v.visit_start_datetime, CAST(v.visit_start_date AS TIMESTAMP)) <= :as_at
),
entry AS (
  SELECT
    m.person_id,
    m.visit_occurrence_id,
    m.measurement_date AS charted_on,
    m.measurement_datetime AS charted,
    k.what,
    m.value_as_number AS number_value,
    m.unit_concept_id,
    m.value_as_concept_id,
    m.value_source_value AS words
  FROM measurement m
  JOIN kind k ON k.concept_id = m.measurement_concept_id
  WHERE COALESCE(m.measurement_datetime, CAST(m.measurement_date AS TIMESTAMP)) <= :as_at
    AND COALESCE(m.measurement_datetime, CAST(m.measurement_date AS TIMESTAMP)) >= :since
  UNION ALL
  SELECT
    o.person_id,
    o.visit_occurrence_id,
    o.observation_date,
    o.observation_datetime,
    k.what,
    o.value_as_number,
    o.unit_concept_id,
    o.value_as_concept_id,
    COALESCE(o.value_as_string, o.value_source_value)
  FROM observation o
  JOIN kind k ON k.concept_id = o.observation_concept_id
  WHERE COALESCE(o.observation_datetime, CAST(o.observation_date AS TIMESTAMP)) <= :as_at
    AND COALESCE(o.observation_datetime, CAST(o.observation_date AS TIMESTAMP)) >= :since
),
charted AS (
  SELECT
    v.visit_occurrence_id,
    e.charted,
    e.what,
    CASE
      WHEN e.what = 'temp' AND u.concept_code = '[degF]' THEN CAST((e.number_value - 32) / 1.8 AS DECIMAL(10, 2))
      ELSE e.number_value
    END AS number_value,
    CASE
      WHEN e.what <> 'acvpu' THEN NULL
      WHEN a.concept_code = '248234008' THEN 'A'
      WHEN a.concept_code = '130987000' THEN 'C'
      WHEN a.concept_code = '300202002' THEN 'V'
      WHEN a.concept_code = '450847001' THEN 'P'
      WHEN a.concept_code = '422768004' THEN 'U'
      ELSE e.words
    END AS answer,
    -- 1 on oxygen, 0 on air; a share is written as 21 or as 0.21
    CASE
      WHEN e.what = 'oxygen' THEN 1
      WHEN e.what = 'air' THEN 0
      WHEN e.what = 'flow' AND e.number_value > 0 THEN 1
      WHEN e.what = 'flow' AND e.number_value = 0 THEN 0
      WHEN e.what = 'share' AND (e.number_value > 21 OR (e.number_value > 0.21 AND e.number_value <= 1)) THEN 1
      WHEN e.what = 'share' AND e.number_value IN (21, 0.21) THEN 0
    END AS on_oxygen
  FROM visit v
  -- what names no visit belongs to the inpatient visit of that day
  JOIN entry e ON e.person_id = v.person_id
    AND (
      e.visit_occurrence_id = v.visit_occurrence_id
      OR (e.visit_occurrence_id IS NULL AND e.charted_on >= v.visit_start_date AND e.charted_on <= v.visit_end_date)
    )
  LEFT JOIN concept u ON u.concept_id = e.unit_concept_id
  LEFT JOIN concept a ON a.concept_id = e.value_as_concept_id AND a.vocabulary_id = 'SNOMED'
),
gathered AS (
  SELECT
    h.visit_occurrence_id,
    h.charted,
    MAX(CASE WHEN h.what = 'rr' THEN h.number_value END) AS rr,
    MIN(CASE WHEN h.what = 'spo2' THEN h.number_value END) AS spo2,
    MIN(CASE WHEN h.what = 'sbp' THEN h.number_value END) AS sbp,
    MAX(CASE WHEN h.what = 'pulse' THEN h.number_value END) AS pulse,
    MAX(CASE WHEN h.what = 'temp' THEN h.number_value END) AS temp,
    MIN(CASE WHEN h.what = 'gcs' THEN h.number_value END) AS gcs,
    MAX(h.answer) AS answer,
    MAX(h.on_oxygen) AS on_oxygen,
    MAX(CASE WHEN h.what = 'news2' THEN h.number_value END) AS news2_total
  FROM charted h
  GROUP BY h.visit_occurrence_id, h.charted
)
SELECT
  g.visit_occurrence_id AS spell_key,
  g.charted AS ts,
  g.rr AS rr,
  g.spo2 AS spo2,
  CASE g.on_oxygen WHEN 1 THEN 'oxygen' WHEN 0 THEN 'air' END AS o2,
  g.sbp AS sbp,
  g.pulse AS pulse,
  CASE
    WHEN g.answer IS NOT NULL THEN g.answer
    WHEN g.gcs BETWEEN 3 AND 15 THEN CAST(CAST(g.gcs AS INTEGER) AS VARCHAR(50))
  END AS acvpu,
  g.temp AS temp,
  g.news2_total AS news2_total,
  CASE
    WHEN g.rr BETWEEN 1 AND 100 AND g.spo2 BETWEEN 20 AND 100 AND g.sbp BETWEEN 20 AND 350
      AND g.pulse BETWEEN 10 AND 350 AND g.temp BETWEEN 20 AND 46 AND g.on_oxygen IS NOT NULL
      AND (g.answer IN ('A', 'C', 'V', 'P', 'U') OR (g.answer IS NULL AND g.gcs BETWEEN 3 AND 15))
    THEN 1
    ELSE 0
  END AS complete
FROM gathered g
