SELECT
    q.VISIT_NO AS spell_key,
    q.FREQ_MIN AS interval_min,
    q.SET_DTM AS set_ts,
    q.SET_ROLE AS set_by_role,
    q.REASON_TXT AS reason,
    CASE WHEN q.ENDED_DTM <= :as_at THEN q.ENDED_DTM END AS valid_to
FROM OBS_FREQ q
JOIN ENCNTR e ON e.VISIT_NO = q.VISIT_NO
WHERE q.SET_DTM <= :as_at
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= :since)
