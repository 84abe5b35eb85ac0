SELECT
    c.visit_no AS spell_key,
    CASE
        WHEN c.withdrawn_at <= :as_at THEN 'void'
        WHEN c.finished_at <= :as_at THEN 'complete'
        ELSE 'draft'
    END AS status,
    CASE WHEN c.finished_at <= :as_at THEN c.finished_at END AS completed_ts,
    c.by_role AS role,
    c.n_sources AS sources_count
FROM reconciliation c
WHERE c.started_at <= :as_at
  AND c.started_at >= :since
