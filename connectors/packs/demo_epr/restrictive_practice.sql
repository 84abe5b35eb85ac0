SELECT
    c.KIND_TXT AS kind,
    c.VISIT_NO AS spell_key,
    c.BEG_DTM AS start_ts,
    CASE WHEN c.END_DTM <= :as_at THEN c.END_DTM END AS end_ts,
    (
        SELECT MAX(r.REVIEW_DTM) FROM RESTR_REVIEW r WHERE r.RC_ID = c.RC_ID AND r.REVIEW_DTM <= :as_at
    ) AS last_review_ts,
    c.LEGAL_CD AS legal_basis,
    c.AUTH_END_DTM AS authorisation_end
FROM RESTR_CARE c
JOIN ENCNTR e ON e.VISIT_NO = c.VISIT_NO
WHERE c.BEG_DTM <= :as_at
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= :since)
