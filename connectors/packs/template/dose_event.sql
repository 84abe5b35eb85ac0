-- One row: one administration record of a due dose.
-- The trap of all traps: a dose that was due and that nobody has charted must have a row too, with an empty status, or no
-- dose is ever missed. If your system makes no row before it is charted, join its plan of doses here; if it has none, take
-- this feed out. As-required doses have no time at which they were due: leave them out.
SELECT
    -- must be given, never empty: the prescription of order.sql
    d.prescription_id AS order_key,
    -- must be given, never empty: when it was due, not when it was given
    d.due_at AS due_ts,
    -- must be given: given, not given, self, or empty for no record (mapping.status)
    CASE WHEN d.charted_at <= :as_at THEN d.outcome END AS status,
    -- must be given: when it was given
    CASE WHEN d.charted_at <= :as_at THEN d.given_at END AS given_ts,
    -- must be given: why not (mapping.reason_code)
    CASE WHEN d.charted_at <= :as_at THEN d.omission_reason END AS reason_code,
    -- free text of it
    CASE WHEN d.charted_at <= :as_at THEN d.omission_note END AS reason_text,
    -- 1 for a record that was struck out
    d.is_struck_out AS voided,
    -- when the record was made
    CASE WHEN d.charted_at <= :as_at THEN d.charted_at END AS recorded_ts
FROM epr_dose d
WHERE d.due_at >= :since
  AND d.made_at <= :as_at
