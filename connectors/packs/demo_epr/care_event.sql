SELECT
    v.VISIT_NO AS spell_key,
    v.EVT_CD AS type,
    v.EVT_DTM AS ts
FROM CLIN_EVENT v
JOIN ENCNTR e ON e.VISIT_NO = v.VISIT_NO
WHERE v.ENTERED_DTM <= :as_at
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= :since)
