-- One admission. It is known from its first movement on, which may come before the time of admission (in the emergency
-- department); admit_ts stays empty until then. It ends with the last movement: the time of discharge is up to 28 hours
-- earlier, and until the movement the patient still occupies the bed.
SELECT
  a.hadm_id AS patient_key,
  a.hadm_id AS spell_key,
  CASE WHEN a.admit_ts <= :as_at THEN a.admit_ts END AS admit_ts,
  a.admission_type AS admission_method,
  a.admission_type AS patient_class,
  CASE WHEN a.left_ts <= :as_at THEN a.left_ts END AS discharge_ts,
  CASE WHEN a.left_ts <= :as_at THEN a.discharge_location END AS discharge_method,
  -- both dates as recorded: de-identification moved a person's dates together
  CAST(SUBSTR(a.admittime, 1, 4) AS INTEGER) - CAST(SUBSTR(p.birth, 1, 4) AS INTEGER)
    - CASE WHEN SUBSTR(a.admittime, 6, 5) < SUBSTR(p.birth, 6, 5) THEN 1 ELSE 0 END AS age,
  p.gender AS sex
FROM admissions AS a
LEFT JOIN patients AS p ON p.subject_id = a.subject_id
WHERE a.first_ts <= :as_at AND a.left_ts > :since
