-- Attendances that led to an admission by now.
SELECT
    v.VISIT_NO AS spell_key,
    v.ARR_DTM AS arrival_ts,
    v.TRIAGE_DTM AS first_seen_registered_ts,
    v.DTA_DTM AS decision_to_admit_ts
FROM ED_VISIT v
JOIN ENCNTR e ON e.VISIT_NO = v.VISIT_NO
WHERE e.ADM_DTM <= :as_at
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= :since)
