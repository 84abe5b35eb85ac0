-- One row: one medicines reconciliation of a spell.
-- Traps: started is not completed; the one at discharge is another thing.
SELECT
    -- must be given, never empty
    m.admission_id AS spell_key,
    -- must be given: draft, complete or void (mapping.status)
    m.status AS status,
    -- must be given: empty until it is completed
    m.completed_at AS completed_ts,
    -- must be given: role of who completed it
    m.completed_by_role AS role,
    -- how many sources were used
    m.number_of_sources AS sources_count
FROM epr_reconciliation m
-- everything of a spell that is not over, however old: patients stay longer than :since reaches
JOIN epr_admission a ON a.admission_id = m.admission_id
WHERE m.started_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)
