SELECT
    h.VISIT_NO AS spell_key,
    h.EDD_DT AS edd,
    h.CHANGED_DTM AS edd_set_ts,
    h.GOLD_DT AS golden_for_date,
    h.CTR_CD AS criteria_to_reside_code,
    h.READY_DTM AS discharge_ready_ts,
    h.CERTAINTY_CD AS discharge_certainty
FROM DSCH_PLAN_HX h
JOIN ENCNTR e ON e.VISIT_NO = h.VISIT_NO
WHERE h.CHANGED_DTM <= :as_at
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= :since)
