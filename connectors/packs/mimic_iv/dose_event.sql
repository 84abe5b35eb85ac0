-- Records of doses; what they say of the dose is mapped in pack.toml. Left out by name are records of something else:
-- flushed lines, checks, patches taken off, infusions that go on or end. A record not known here reaches the gate,
-- which counts it.
SELECT
  e.hadm_id || ' ' || LOWER(TRIM(e.medication)) AS order_key,
  e.ts AS due_ts,
  e.event_txt AS status,
  NULL AS given_ts, -- the source has one time, that of the record
  e.event_txt AS reason_code,
  e.ts AS recorded_ts
FROM emar AS e
WHERE e.hadm_id IS NOT NULL AND e.ts <= :as_at AND e.ts >= :since
  AND e.event_txt NOT IN (
    'Flushed', 'Flushed in Other Location', 'Delayed Flushed', 'Not Flushed',
    'Confirmed', 'Confirmed in Other Location', 'Delayed Confirmed', 'Not Confirmed',
    'Assessed', 'Delayed Assessed', 'Not Assessed', 'Read',
    'Removed', 'Not Removed',
    'Stopped', 'Stopped in Other Location', 'Delayed Stopped', 'Stopped As Directed', 'Not Stopped',
    'Stopped - Unscheduled', 'Stopped - Unscheduled in Other Location',
    'Restarted', 'Rate Change', 'Infusion Reconciliation', 'Infusion Reconciliation Not Done'
  )
