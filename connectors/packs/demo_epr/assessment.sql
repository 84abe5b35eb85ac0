-- Forms as they stood: a draft until it was signed, valid until it was marked as an error.
SELECT
    f.VISIT_NO AS spell_key,
    f.FORM_CD AS type,
    f.TOOL_TXT AS tool,
    CASE
        WHEN f.ERROR_DTM <= :as_at THEN 'ERROR'
        WHEN f.SIGNED_DTM <= :as_at THEN 'SIGNED'
        ELSE 'DRAFT'
    END AS status,
    f.PERFORMED_DTM AS effective_ts,
    CASE WHEN f.SIGNED_DTM <= :as_at THEN f.SIGNED_DTM ELSE f.ENTERED_DTM END AS recorded_ts,
    f.SCORE_NBR AS score,
    f.BAND_TXT AS risk_band,
    f.EXEMPT_TXT AS exempt_reason,
    f.AUTHOR_ROLE AS author_role
FROM FORM_ENTRY f
JOIN ENCNTR e ON e.VISIT_NO = f.VISIT_NO
WHERE f.ENTERED_DTM <= :as_at
  AND e.ADM_DTM <= :as_at
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= :since)
