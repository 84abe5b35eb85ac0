-- Bed stays of the same spells as spell.sql, with the leave that falls into each.
SELECT
    s.VISIT_NO AS spell_key,
    s.UNIT_CD AS ward_code,
    s.BED_CD AS bed_code,
    s.BEG_DTM AS start_ts,
    CASE WHEN s.END_DTM <= :as_at THEN s.END_DTM END AS end_ts,
    l.OUT_DTM AS on_leave_from,
    CASE WHEN l.BACK_DTM <= :as_at THEN l.BACK_DTM END AS on_leave_to
FROM BED_STAY s
JOIN ENCNTR e ON e.VISIT_NO = s.VISIT_NO
LEFT JOIN BED_LEAVE l ON l.STAY_ID = s.STAY_ID AND l.OUT_DTM <= :as_at
WHERE s.BEG_DTM <= :as_at
  AND (
    e.DIS_DTM IS NULL
    OR e.DIS_DTM >= :since
    OR (
        e.DIS_DTM >= :events_since
        AND (
            e.VISIT_NO IN (SELECT a.VISIT_NO FROM ALERT a WHERE a.ALERT_CD = 'ISO-CDI' AND a.OPENED_DTM <= :as_at)
            OR e.VISIT_NO IN (SELECT w.VISIT_NO FROM SKIN_WOUND w WHERE w.KIND_CD = 'PU' AND w.ENTERED_DTM <= :as_at)
        )
    )
  )
