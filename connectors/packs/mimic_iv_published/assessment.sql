-- The six items of the Braden scale at one charted time; with fewer than six there is no total and it is a draft.
SELECT
  c.hadm_id AS spell_key,
  'Braden' AS type,
  'braden' AS tool,
  CASE WHEN COUNT(DISTINCT c.itemid) = 6 THEN 'complete' ELSE 'draft' END AS status,
  c.charttime AS effective_ts,
  c.charttime AS recorded_ts,
  CASE WHEN COUNT(DISTINCT c.itemid) = 6 THEN SUM(c.valuenum) END AS score
FROM mimiciv_icu.chartevents c
WHERE c.itemid BETWEEN 224054 AND 224059
  AND c.charttime <= :as_at AND c.charttime >= :since
GROUP BY c.hadm_id, c.charttime
