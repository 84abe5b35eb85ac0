-- One row: one microbiology or virology test of a patient.
-- Traps: tests that are under way must be here, or nobody ever waits for one; C. difficile counts only with its toxin (a
-- gene test alone is "positive", not "toxin positive"); it goes 400 days back, for the days since the last case.
SELECT
    -- must be given, never empty
    t.patient_id AS patient_key,
    -- must be given, never empty (mapping.organism)
    t.test_name AS organism,
    -- must be given, never empty: ordered, collected, in lab, final or cancelled, as it was at :as_at
    CASE
        WHEN t.cancelled_at <= :as_at THEN 'cancelled'
        WHEN t.final_at <= :as_at THEN 'final'
        WHEN t.received_at <= :as_at THEN 'in lab'
        WHEN t.collected_at <= :as_at THEN 'collected'
        ELSE 'ordered'
    END AS status,
    -- must be given: empty until it is final (mapping.result)
    CASE WHEN t.final_at <= :as_at THEN t.outcome END AS result,
    t.ordered_at AS ordered_ts,
    -- must be given: when the specimen was taken
    CASE WHEN t.collected_at <= :as_at THEN t.collected_at END AS collected_ts,
    -- must be given: when it was final
    CASE WHEN t.final_at <= :as_at THEN t.final_at END AS final_ts
FROM lab_micro_test t
WHERE t.ordered_at <= :as_at
  AND t.ordered_at >= :since
