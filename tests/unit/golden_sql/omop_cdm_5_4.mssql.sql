-- omop_cdm_5_4/ed_attendance.sql
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
  AND COALESCE(v.visit_start_datetime, v.visit_start_date) <= ?
  AND COALESCE(v.visit_end_datetime, v.visit_end_date) >= ?

-- omop_cdm_5_4/heartbeat.sql
WITH loaded AS (
  SELECT
    MIN(
      CASE WHEN s.cdm_release_date < s.source_release_date THEN s.cdm_release_date ELSE s.source_release_date END
    ) AS made_on
  FROM cdm_source s
),
newest AS (
  SELECT MAX(COALESCE(v.visit_start_datetime, v.visit_start_date)) AS began
  FROM visit_occurrence v
  WHERE COALESCE(v.visit_start_datetime, v.visit_start_date) <= ?
)
SELECT CASE WHEN n.began < l.made_on THEN n.began ELSE l.made_on END AS newest
FROM loaded l
CROSS JOIN newest n
WHERE n.began IS NOT NULL
  AND EXISTS (
    SELECT 1
    FROM concept_ancestor ca
    JOIN concept c ON c.concept_id = ca.ancestor_concept_id
    WHERE c.vocabulary_id = 'Visit' AND c.concept_code IN ('IP', 'ERIP')
  )

-- omop_cdm_5_4/lab_result.sql
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
  WHERE COALESCE(m.measurement_datetime, m.measurement_date) <= ?
    AND COALESCE(m.measurement_datetime, m.measurement_date) >= ?
)
SELECT
  r.person_id AS patient_key,
  'creatinine' AS test,
  CASE WHEN r.unit = 'mg/dL' THEN CAST(r.value_as_number * 88.4 AS DECIMAL(10, 2)) ELSE r.value_as_number END AS value,
  CASE WHEN r.unit = 'mg/dL' THEN 'umol/L' ELSE r.unit END AS unit,
  r.taken AS collected_ts,
  CASE WHEN r.unit = 'mg/dL' THEN CAST(r.range_low * 88.4 AS DECIMAL(10, 2)) ELSE r.range_low END AS ref_low,
  CASE WHEN r.unit = 'mg/dL' THEN CAST(r.range_high * 88.4 AS DECIMAL(10, 2)) ELSE r.range_high END AS ref_high
FROM result r

-- omop_cdm_5_4/obs_set.sql
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
    AND COALESCE(v.visit_start_datetime, v.visit_start_date) <= ?
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
  WHERE COALESCE(m.measurement_datetime, m.measurement_date) <= ?
    AND COALESCE(m.measurement_datetime, m.measurement_date) >= ?
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
  WHERE COALESCE(o.observation_datetime, o.observation_date) <= ?
    AND COALESCE(o.observation_datetime, o.observation_date) >= ?
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
    CASE
      WHEN e.what = 'oxygen' THEN 1
      WHEN e.what = 'air' THEN 0
      WHEN e.what = 'flow' AND e.number_value > 0 THEN 1
      WHEN e.what = 'flow' AND e.number_value = 0 THEN 0
      WHEN e.what = 'share' AND (e.number_value > 21 OR (e.number_value > 0.21 AND e.number_value <= 1)) THEN 1
      WHEN e.what = 'share' AND e.number_value IN (21, 0.21) THEN 0
    END AS on_oxygen
  FROM visit v
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
    MAX(h.on_oxygen) AS on_oxygen
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
  CASE
    WHEN g.rr BETWEEN 1 AND 100 AND g.spo2 BETWEEN 20 AND 100 AND g.sbp BETWEEN 20 AND 350
      AND g.pulse BETWEEN 10 AND 350 AND g.temp BETWEEN 20 AND 46 AND g.on_oxygen IS NOT NULL
      AND (g.answer IN ('A', 'C', 'V', 'P', 'U') OR (g.answer IS NULL AND g.gcs BETWEEN 3 AND 15))
    THEN 1
    ELSE 0
  END AS complete
FROM gathered g

-- omop_cdm_5_4/obs_set_news2.sql
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
    AND COALESCE(v.visit_start_datetime, v.visit_start_date) <= ?
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
  WHERE COALESCE(m.measurement_datetime, m.measurement_date) <= ?
    AND COALESCE(m.measurement_datetime, m.measurement_date) >= ?
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
  WHERE COALESCE(o.observation_datetime, o.observation_date) <= ?
    AND COALESCE(o.observation_datetime, o.observation_date) >= ?
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
    CASE
      WHEN e.what = 'oxygen' THEN 1
      WHEN e.what = 'air' THEN 0
      WHEN e.what = 'flow' AND e.number_value > 0 THEN 1
      WHEN e.what = 'flow' AND e.number_value = 0 THEN 0
      WHEN e.what = 'share' AND (e.number_value > 21 OR (e.number_value > 0.21 AND e.number_value <= 1)) THEN 1
      WHEN e.what = 'share' AND e.number_value IN (21, 0.21) THEN 0
    END AS on_oxygen
  FROM visit v
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

-- omop_cdm_5_4/spell.sql
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
    COALESCE(v.visit_start_datetime, v.visit_start_date) AS began,
    CASE
      WHEN v.visit_end_date < l.made_on AND COALESCE(v.visit_end_datetime, v.visit_end_date) <= ?
      THEN CASE
        WHEN v.visit_end_datetime IS NULL AND v.visit_start_datetime > v.visit_end_date THEN v.visit_start_datetime
        ELSE COALESCE(v.visit_end_datetime, v.visit_end_date)
      END
    END AS ended
  FROM visit_occurrence v
  CROSS JOIN loaded l
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
  CAST(SUBSTRING(CAST(v.visit_start_date AS VARCHAR(10)), 1, 4) AS INTEGER) - p.year_of_birth
    - CASE
        WHEN CAST(SUBSTRING(CAST(v.visit_start_date AS VARCHAR(10)), 6, 2) AS INTEGER) * 100
          + CAST(SUBSTRING(CAST(v.visit_start_date AS VARCHAR(10)), 9, 2) AS INTEGER)
          < p.month_of_birth * 100 + COALESCE(p.day_of_birth, 1)
        THEN 1
        ELSE 0
      END AS age,
  CASE WHEN g.vocabulary_id = 'Gender' THEN g.concept_code END AS sex
FROM visit v
LEFT JOIN person p ON p.person_id = v.person_id
LEFT JOIN concept g ON g.concept_id = p.gender_concept_id
WHERE v.began <= ?
  AND (v.ended IS NULL OR v.ended >= ?)

-- omop_cdm_5_4/ward_stay.sql
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
      WHEN p.end_date < l.made_on AND COALESCE(p.end_datetime, p.end_date) <= ?
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
WHERE s.began <= ?
  AND (s.ended IS NULL OR s.ended >= ?)
