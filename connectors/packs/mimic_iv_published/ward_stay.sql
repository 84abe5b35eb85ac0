-- One movement into a unit. Visits to the emergency department without admission have no hadm_id, and the rows of type
-- discharge are no place to lie.
SELECT
  t.hadm_id AS spell_key,
  t.careunit AS ward_code,
  t.intime AS start_ts,
  CASE WHEN t.outtime <= :as_at THEN t.outtime END AS end_ts
FROM mimiciv_hosp.transfers t
WHERE t.hadm_id IS NOT NULL AND t.eventtype <> 'discharge'
  AND t.intime <= :as_at AND (t.outtime IS NULL OR t.outtime > :since)
