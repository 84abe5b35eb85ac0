-- One row: who a person is, for the signed-in desk alone. No measure reads it, and nothing of it is stored.
-- Give the people of spell.sql and nobody else, each once.
SELECT
    -- must be given, never empty: as in spell.sql
    p.patient_id AS patient_key,
    p.family_name AS family_name,
    p.given_names AS given_name,
    -- as it stands on the wristband
    p.hospital_number AS hospital_number,
    -- empty when it is not traced
    p.nhs_number AS nhs_number,
    p.date_of_birth AS birth_date
FROM epr_patient p
WHERE p.merged_into_id IS NULL
  AND p.patient_id IN (
    SELECT COALESCE(q.merged_into_id, q.patient_id)
    FROM epr_admission a
    JOIN epr_patient q ON q.patient_id = a.patient_id
    WHERE a.admitted_at <= :as_at
      AND (a.discharged_at IS NULL OR a.discharged_at >= :since)
  )
