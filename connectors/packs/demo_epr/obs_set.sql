-- A set counts from when it was entered; a device whose clock is wrong shows as a time in the future.
SELECT
    o.VISIT_NO AS spell_key,
    o.OBS_DTM AS ts,
    o.RESP AS rr,
    o.SATS AS spo2,
    o.SATS_SCALE AS spo2_scale,
    o.O2_DEV AS o2,
    o.BP_SYS AS sbp,
    o.HR AS pulse,
    o.ACVPU AS acvpu,
    o.TEMP_C AS temp,
    o.EWS_TOTAL AS news2_total,
    o.ALL_TAKEN AS complete
FROM OBS_CHART o
WHERE o.OBS_DTM >= :since
  AND o.ENTERED_DTM <= :as_at
