-- demo_laboratory/heartbeat.sql
SELECT LastMessageAt FROM LinkStatus

-- demo_laboratory/lab_result.sql
SELECT
    s.PatientNo AS patient_key,
    r.TestCode AS test,
    r.ResultText AS value,
    r.Units AS unit,
    s.CollectedAt AS collected_ts,
    r.AuthorisedAt AS reported_ts,
    r.RefLow AS ref_low,
    r.RefHigh AS ref_high,
    r.AkiStage AS aki_stage_from_lab
FROM TestResult r
JOIN Specimen s ON s.SpecimenId = r.SpecimenId
WHERE r.TestCode IN ('CREA', 'CREA-POC')
  AND s.CollectedAt >= :since
  AND r.AuthorisedAt <= :as_at

-- demo_laboratory/micro_result.sql
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
