-- Wounds go back as far as the harms do: days since the last one are counted from them.
SELECT
    w.VISIT_NO AS spell_key,
    w.WOUND_ID AS wound_key,
    w.KIND_CD AS kind,
    w.CAT_CD AS category,
    w.SITE_TXT AS site,
    w.DEVICE_FLG AS device_related,
    w.FIRST_SEEN_DTM AS first_observed_ts,
    w.POA_FLG AS present_on_admission,
    CASE WHEN w.HEALED_DTM <= :as_at THEN w.HEALED_DTM END AS healed_ts,
    CASE WHEN w.VALIDATED_DTM <= :as_at THEN 1 ELSE 0 END AS validated
FROM SKIN_WOUND w
JOIN ENCNTR e ON e.VISIT_NO = w.VISIT_NO
WHERE w.ENTERED_DTM <= :as_at
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= :events_since)
