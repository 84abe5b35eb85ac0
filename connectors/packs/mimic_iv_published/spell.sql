-- One admission. It is known from its first movement on, which may come before the time of admission (in the emergency
-- department); admit_ts stays empty until then. It ends with the last movement: the time of discharge is up to 28 hours
-- earlier, and until the movement the patient still occupies the bed.
WITH movement AS (
  SELECT t.hadm_id, MIN(t.intime) AS first_in, MAX(t.outtime) AS last_out
  FROM mimiciv_hosp.transfers t
  WHERE t.hadm_id IS NOT NULL AND t.eventtype <> 'discharge'
  GROUP BY t.hadm_id
),
admission AS (
  SELECT
    a.subject_id,
    a.hadm_id,
    a.admittime,
    a.admission_type,
    a.discharge_location,
    CASE WHEN m.first_in < a.admittime THEN m.first_in ELSE a.admittime END AS known_from,
    CASE WHEN a.dischtime < m.last_out OR a.dischtime IS NULL THEN m.last_out ELSE a.dischtime END AS left_at
  FROM mimiciv_hosp.admissions a
  LEFT JOIN movement m ON m.hadm_id = a.hadm_id
)
SELECT
  a.subject_id AS patient_key,
  a.hadm_id AS spell_key,
  CASE WHEN a.admittime <= :as_at THEN a.admittime END AS admit_ts,
  a.admission_type AS admission_method,
  a.admission_type AS patient_class,
  CASE WHEN a.left_at <= :as_at THEN a.left_at END AS discharge_ts,
  CASE WHEN a.left_at <= :as_at THEN a.discharge_location END AS discharge_method,
  -- only years are published: the age in the anchor year, and how far the admission lies from it
  p.anchor_age + CAST(EXTRACT(YEAR FROM a.admittime) AS INTEGER) - p.anchor_year AS age,
  p.gender AS sex
FROM admission a
LEFT JOIN mimiciv_hosp.patients p ON p.subject_id = a.subject_id
WHERE a.known_from <= :as_at AND (a.left_at IS NULL OR a.left_at > :since)
