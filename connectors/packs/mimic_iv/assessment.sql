-- The six items of the Braden scale at one charted time; with fewer than six there is no total and it is a draft.
SELECT
  c.hadm_id AS spell_key,
  'Braden' AS type,
  'braden' AS tool,
  CASE WHEN COUNT(DISTINCT c.itemid) = 6 THEN 'complete' ELSE 'draft' END AS status,
  c.ts AS effective_ts,
  c.ts AS recorded_ts,
  CASE WHEN COUNT(DISTINCT c.itemid) = 6 THEN SUM(c.value) END AS score
FROM chartevents AS c
WHERE c.itemid BETWEEN 224054 AND 224059 AND c.hadm_id IS NOT NULL
  AND c.ts <= :as_at AND c.ts >= :since
GROUP BY c.hadm_id, c.ts
