-- One row: one wound as it stands now.
-- Traps: one row for each wound, not for each time that it was dressed; a wound that was there on admission is nobody's
-- harm here, so present_on_admission must be right. :since goes 400 days back, for the days since the last one.
SELECT
    -- must be given, never empty
    w.admission_id AS spell_key,
    -- must be given, never empty
    w.wound_id AS wound_key,
    -- must be given: pressure_ulcer is counted (mapping.kind)
    w.wound_type AS kind,
    -- of a pressure ulcer (mapping.category): the worst that it has been given
    w.category AS category,
    w.body_site AS site,
    -- 1 when a device caused it
    w.by_device AS device_related,
    -- must be given
    w.first_seen_at AS first_observed_ts,
    -- 1 or 0
    w.there_on_admission AS present_on_admission,
    -- must be given, empty until it is healed
    CASE WHEN w.healed_at <= :as_at THEN w.healed_at END AS healed_ts,
    -- 1 once whoever validates harm has confirmed it
    CASE WHEN w.validated_at <= :as_at THEN 1 ELSE 0 END AS validated
FROM epr_wound w
WHERE w.entered_at <= :as_at
  AND w.first_seen_at >= :since
