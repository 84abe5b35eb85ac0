-- One row: a decision how often a patient's vital signs are to be measured.
-- Traps: a plan that the score set by itself is nobody's decision (set_by_role system); continuous is 0 and stopped is
-- empty, and they must not be mixed up.
SELECT
    -- must be given, never empty
    q.admission_id AS spell_key,
    -- must be given: minutes; 0 is continuous, empty is stopped
    q.every_minutes AS interval_min,
    -- must be given, never empty: when it was decided
    q.set_at AS set_ts,
    -- role of who decided; empty, system or auto is no person
    q.set_by_role AS set_by_role,
    q.reason AS reason,
    -- the end of the plan
    CASE WHEN q.ended_at <= :as_at THEN q.ended_at END AS valid_to
FROM epr_observation_plan q
-- everything of a spell that is not over, however old: patients stay longer than :since reaches
JOIN epr_admission a ON a.admission_id = q.admission_id
WHERE q.set_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)
