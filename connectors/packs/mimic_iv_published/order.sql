-- One prescription is derived for each patient and medicine that was ever charted, active from its first record on.
-- Names are written in several cases ("OxyCODONE", "OxycoDONE"); folded, they are one medicine. The published
-- prescriptions are not read: they say neither what is as required nor which record of a dose belongs to them.
-- verify_status is left out: nothing is known of it.
SELECT
  CAST(e.hadm_id AS VARCHAR(20)) || ' ' || LOWER(TRIM(e.medication)) AS order_key,
  e.hadm_id AS spell_key,
  LOWER(TRIM(e.medication)) AS drug_code,
  MIN(TRIM(e.medication)) AS drug_name,
  'regular' AS kind,
  'active' AS status,
  MIN(e.charttime) AS start_ts,
  NULL AS stop_ts
FROM mimiciv_hosp.emar e
WHERE e.hadm_id IS NOT NULL AND e.charttime <= :as_at AND e.charttime >= :since
GROUP BY e.hadm_id, LOWER(TRIM(e.medication))
