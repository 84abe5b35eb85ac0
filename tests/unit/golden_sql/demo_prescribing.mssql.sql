-- demo_prescribing/dose_event.sql
SELECT
    d.rx_id AS order_key,
    d.due_at AS due_ts,
    CASE WHEN d.charted_at <= ? THEN d.outcome ELSE 'blank' END AS status,
    CASE WHEN d.charted_at <= ? THEN d.given_at END AS given_ts,
    CASE WHEN d.charted_at <= ? THEN d.reason_cd END AS reason_code,
    CASE WHEN d.charted_at <= ? THEN d.reason_note END AS reason_text,
    CASE WHEN d.struck_at <= ? THEN 1 ELSE 0 END AS voided,
    CASE WHEN d.charted_at <= ? THEN d.charted_at END AS recorded_ts
FROM administration d
WHERE d.due_at >= ?
  AND d.made_at <= ?

-- demo_prescribing/heartbeat.sql
SELECT last_message_at FROM interface_state

-- demo_prescribing/medrec.sql
SELECT
    c.visit_no AS spell_key,
    CASE
        WHEN c.withdrawn_at <= ? THEN 'void'
        WHEN c.finished_at <= ? THEN 'complete'
        ELSE 'draft'
    END AS status,
    CASE WHEN c.finished_at <= ? THEN c.finished_at END AS completed_ts,
    c.by_role AS role,
    c.n_sources AS sources_count
FROM reconciliation c
WHERE c.started_at <= ?
  AND c.started_at >= ?

-- demo_prescribing/order.sql
SELECT
    r.rx_id AS order_key,
    r.visit_no AS spell_key,
    r.product_code AS drug_code,
    p.label AS drug_name,
    r.route AS route,
    r.freq_type AS kind,
    CASE
        WHEN a.prescribed IS NULL THEN 'draft'
        WHEN a.stopped IS NOT NULL THEN 'stopped'
        WHEN a.suspended > COALESCE(a.resumed, 0) THEN 'suspended'
        WHEN r.valid_to <= ? THEN 'completed'
        ELSE 'active'
    END AS status,
    r.valid_from AS start_ts,
    COALESCE(a.stopped, r.valid_to) AS stop_ts,
    CASE
        WHEN r.verify_exempt = 1 THEN 'not required'
        WHEN a.verified >= COALESCE(a.modified, a.prescribed) THEN 'verified'
        ELSE 'not verified'
    END AS verify_status,
    a.verified AS verified_ts,
    CASE WHEN a.verified IS NOT NULL THEN 'Pharmacist' END AS verifier_role,
    COALESCE(a.modified, a.prescribed) AS last_modified_ts
FROM rx_item r
JOIN (
    SELECT
        x.rx_id,
        MAX(CASE WHEN x.action = 'PRESCRIBE' THEN x.acted_at END) AS prescribed,
        MAX(CASE WHEN x.action = 'MODIFY' THEN x.acted_at END) AS modified,
        MAX(CASE WHEN x.action = 'VERIFY' AND x.acted_by_role = 'Pharmacist' THEN x.acted_at END) AS verified,
        MAX(CASE WHEN x.action = 'SUSPEND' THEN x.acted_at END) AS suspended,
        MAX(CASE WHEN x.action = 'RESUME' THEN x.acted_at END) AS resumed,
        MIN(CASE WHEN x.action = 'STOP' THEN x.acted_at END) AS stopped
    FROM rx_action x
    WHERE x.acted_at <= ?
    GROUP BY x.rx_id
) a ON a.rx_id = r.rx_id
LEFT JOIN product p ON p.product_code = r.product_code
WHERE r.created_at <= ?
  AND (a.stopped IS NULL OR a.stopped >= ?)
