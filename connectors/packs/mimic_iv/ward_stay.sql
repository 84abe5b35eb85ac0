-- One movement into a unit. Visits to the emergency department without admission have neither hadm_id nor transfer_id
-- nor end, and the rows of type discharge are no place to lie.
SELECT
  t.hadm_id AS spell_key,
  t.careunit AS ward_code,
  NULL AS bed_code,
  t.in_ts AS start_ts,
  CASE WHEN t.out_ts <= :as_at THEN t.out_ts END AS end_ts
FROM transfers AS t
WHERE t.hadm_id IS NOT NULL AND t.transfer_id IS NOT NULL AND t.eventtype <> 'discharge'
  AND t.in_ts <= :as_at AND (t.out_ts IS NULL OR t.out_ts > :since)
