-- C. difficile alerts go back as far as the harms do.
SELECT
    a.VISIT_NO AS spell_key,
    a.ALERT_CD AS type,
    CASE WHEN a.CLOSED_DTM <= :as_at THEN 'closed' ELSE 'open' END AS status,
    a.OPENED_DTM AS start_ts,
    CASE WHEN a.CLOSED_DTM <= :as_at THEN a.CLOSED_DTM END AS end_ts,
    a.OPENED_ROLE AS author_role
FROM ALERT a
JOIN ENCNTR e ON e.VISIT_NO = a.VISIT_NO
WHERE a.OPENED_DTM <= :as_at
  AND (
    e.DIS_DTM IS NULL
    OR e.DIS_DTM >= :since
    OR (a.ALERT_CD IN ('ISO-CDI', 'CDI-END') AND e.DIS_DTM >= :events_since)
  )
