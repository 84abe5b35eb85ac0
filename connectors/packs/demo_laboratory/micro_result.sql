-- How far each test had come at :as_at.
SELECT
    m.PatientNo AS patient_key,
    m.Investigation AS organism,
    CASE
        WHEN m.CancelledAt <= :as_at THEN 'cancelled'
        WHEN m.AuthorisedAt <= :as_at THEN 'final'
        WHEN m.ReceivedAt <= :as_at THEN 'in lab'
        WHEN m.CollectedAt <= :as_at THEN 'collected'
        ELSE 'ordered'
    END AS status,
    CASE WHEN m.AuthorisedAt <= :as_at THEN m.Outcome END AS result,
    m.RequestedAt AS ordered_ts,
    CASE WHEN m.CollectedAt <= :as_at THEN m.CollectedAt END AS collected_ts,
    CASE WHEN m.AuthorisedAt <= :as_at THEN m.AuthorisedAt END AS final_ts
FROM MicroTest m
WHERE m.RequestedAt <= :as_at
  AND m.RequestedAt >= :since
