-- Records of doses; what they say of the dose is mapped in pack.toml. Left out by name are records of something else:
-- flushed lines, checks, patches taken off, infusions that go on or end. A record not known here reaches the gate,
-- which counts it. A dose without a scheduled time was due when it was charted.
SELECT
  CAST(e.hadm_id AS VARCHAR(20)) || ' ' || LOWER(TRIM(e.medication)) AS order_key,
  COALESCE(e.scheduletime, e.charttime) AS due_ts,
  e.event_txt AS status,
  NULL AS given_ts, -- with the time charted for it, doses without a scheduled time could never be late
  e.event_txt AS reason_code,
  e.charttime AS recorded_ts
FROM mimiciv_hosp.emar e
WHERE e.hadm_id IS NOT NULL AND e.charttime <= :as_at AND (e.charttime >= :since OR e.scheduletime >= :since)
  AND e.event_txt NOT IN (
    'Flushed', 'Flushed in Other Location', 'Delayed Flushed', 'Not Flushed',
    'Confirmed', 'Confirmed in Other Location', 'Delayed Confirmed', 'Not Confirmed',
    'Assessed', 'Delayed Assessed', 'Not Assessed', 'Read',
    'Removed', 'Not Removed',
    'Stopped', 'Stopped in Other Location', 'Delayed Stopped', 'Stopped As Directed', 'Not Stopped',
    'Stopped - Unscheduled', 'Stopped - Unscheduled in Other Location',
    'Restarted', 'Rate Change', 'Infusion Reconciliation', 'Infusion Reconciliation Not Done'
  )
