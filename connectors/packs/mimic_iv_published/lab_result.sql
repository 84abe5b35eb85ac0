-- Creatinine, from mg/dL, of everybody who was in hospital within the last week. A result is known when it was stored.
WITH present AS (
  SELECT DISTINCT a.subject_id
  FROM mimiciv_hosp.admissions a
  WHERE a.admittime <= :as_at AND (a.dischtime IS NULL OR a.dischtime > CAST(:as_at AS TIMESTAMP) - INTERVAL '7 days')
  UNION
  SELECT t.subject_id
  FROM mimiciv_hosp.transfers t
  WHERE t.hadm_id IS NOT NULL AND t.eventtype <> 'discharge' AND t.intime <= :as_at
    AND (t.outtime IS NULL OR t.outtime > CAST(:as_at AS TIMESTAMP) - INTERVAL '7 days')
)
SELECT
  l.subject_id AS patient_key,
  l.itemid AS test,
  CASE WHEN l.valueuom = 'mg/dL' THEN ROUND(CAST(l.valuenum * 88.4 AS NUMERIC), 2) ELSE CAST(l.valuenum AS NUMERIC) END
    AS value, -- molar mass 113.12 g/mol
  CASE WHEN l.valueuom = 'mg/dL' THEN 'umol/L' ELSE l.valueuom END AS unit,
  l.charttime AS collected_ts,
  l.storetime AS reported_ts,
  CASE WHEN l.valueuom = 'mg/dL' THEN l.ref_range_lower * 88.4 ELSE l.ref_range_lower END AS ref_low,
  CASE WHEN l.valueuom = 'mg/dL' THEN l.ref_range_upper * 88.4 ELSE l.ref_range_upper END AS ref_high
FROM mimiciv_hosp.labevents l
JOIN present p ON p.subject_id = l.subject_id
WHERE l.itemid = 50912
  AND l.charttime >= :since AND COALESCE(l.storetime, l.charttime) <= :as_at AND l.charttime <= :as_at
