-- Every due dose that has a row by now (made up to a day ahead), blank until charted; a dose that is charted later than :as_at was blank then.
-- Doses without a due time (as needed) are none of ours.
SELECT
    d.rx_id AS order_key,
    d.due_at AS due_ts,
    CASE WHEN d.charted_at <= :as_at THEN d.outcome ELSE 'blank' END AS status,
    CASE WHEN d.charted_at <= :as_at THEN d.given_at END AS given_ts,
    CASE WHEN d.charted_at <= :as_at THEN d.reason_cd END AS reason_code,
    CASE WHEN d.charted_at <= :as_at THEN d.reason_note END AS reason_text,
    CASE WHEN d.struck_at <= :as_at THEN 1 ELSE 0 END AS voided,
    CASE WHEN d.charted_at <= :as_at THEN d.charted_at END AS recorded_ts
FROM administration d
WHERE d.due_at >= :since
  AND d.made_at <= :as_at
