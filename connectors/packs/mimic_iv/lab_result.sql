-- Creatinine, from mg/dL. A patient's earlier results (outside this admission, up to a year before it) are moved by the
-- same days as the admission. There is no time of reporting: a result counts as known when the specimen was taken.
SELECT
  a.hadm_id AS patient_key,
  l.itemid AS test,
  CASE WHEN l.unit = 'mg/dL' THEN ROUND(l.value * 88.4, 2) END AS value, -- molar mass 113.12 g/mol
  CASE WHEN l.unit = 'mg/dL' THEN 'umol/L' ELSE l.unit END AS unit,
  l.recorded_s + a.shift_s AS collected_ts
FROM admissions AS a
JOIN labevents AS l ON l.subject_id = a.subject_id
WHERE l.itemid = 50912
  AND a.first_ts <= :as_at AND a.left_ts > :as_at - 604800 -- who left more than a week ago is in no figure
  AND (l.hadm_id = a.hadm_id OR l.recorded_s + a.shift_s < a.first_ts)
  AND l.recorded_s + a.shift_s <= :as_at AND l.recorded_s + a.shift_s >= :since
