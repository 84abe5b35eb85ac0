-- One row: one improvement action that a ward's team agreed. Trap: no detail of a patient, and nobody's name.
SELECT
    -- must be given, never empty
    a.action_id AS action_key,
    -- must be given, never empty
    a.ward_code AS ward_code,
    -- must be given, never empty
    a.agreed_at AS opened_ts,
    -- must be given, empty while it is open
    CASE WHEN a.done_at <= :as_at THEN a.done_at END AS closed_ts,
    -- what is to be done
    a.description AS what,
    -- a role, never a name
    a.owner_role AS owner_role,
    -- by when
    a.due_date AS due_on
FROM huddle_action_log a
WHERE a.agreed_at <= :as_at
  AND a.agreed_at >= :since
