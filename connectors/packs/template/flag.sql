-- One row: a marker on a patient's record that is open for some time.
-- Connect it only if sepsis is flagged in your system: without, nobody would ever have sepsis. Those of C. difficile
-- go 400 days back.
SELECT
    -- must be given, never empty
    g.admission_id AS spell_key,
    -- must be given, never empty (mapping.type); other types count in no measure
    g.alert_code AS type,
    -- open, active or empty is open
    CASE WHEN g.closed_at <= :as_at THEN 'closed' ELSE 'open' END AS status,
    -- must be given, never empty
    g.opened_at AS start_ts,
    CASE WHEN g.closed_at <= :as_at THEN g.closed_at END AS end_ts,
    g.opened_by_role AS author_role
FROM epr_alert g
-- everything of a spell that is not over, however old: patients stay longer than :since reaches
JOIN epr_admission a ON a.admission_id = g.admission_id
WHERE g.opened_at <= :as_at
  AND (
    a.discharged_at IS NULL
    OR a.discharged_at >= :since
    OR (g.alert_code IN ('ISO_CDIFF', 'CDIFF_OVER') AND a.discharged_at >= :events_since)
  )
