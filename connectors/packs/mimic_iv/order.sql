-- The source has no prescriptions here: one is derived for each patient and medicine that was ever charted, active from
-- its first record on. Names are written in several cases ("OxyCODONE", "OxycoDONE"); folded, they are one medicine.
-- verify_status is left out: nothing is known of it.
SELECT
  e.hadm_id || ' ' || LOWER(TRIM(e.medication)) AS order_key,
  e.hadm_id AS spell_key,
  LOWER(TRIM(e.medication)) AS drug_code,
  MIN(TRIM(e.medication)) AS drug_name,
  'regular' AS kind,
  'active' AS status,
  MIN(e.ts) AS start_ts,
  NULL AS stop_ts
FROM emar AS e
WHERE e.hadm_id IS NOT NULL AND e.ts <= :as_at AND e.ts >= :since
GROUP BY e.hadm_id, LOWER(TRIM(e.medication))
