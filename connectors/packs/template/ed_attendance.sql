-- One row: one emergency department attendance that led to the spell.
-- Clocks of assessments start here. Trap: attendances without admission have no spell; leave them out.
SELECT
    -- must be given, never empty
    e.admission_id AS spell_key,
    -- must be given, never empty: arrival, not triage
    e.arrived_at AS arrival_ts,
    -- first seen by a registered professional
    e.triaged_at AS first_seen_registered_ts,
    -- the decision, not the request for a bed
    e.decided_to_admit_at AS decision_to_admit_ts
FROM epr_ed_attendance e
WHERE e.arrived_at <= :as_at
  AND e.arrived_at >= :since
  AND e.admission_id IS NOT NULL
