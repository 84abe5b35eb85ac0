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
  AND s.CollectedAt >= ?
  AND r.AuthorisedAt <= ?

-- demo_laboratory/micro_result.sql
SELECT
    m.PatientNo AS patient_key,
    m.Investigation AS organism,
    CASE
        WHEN m.CancelledAt <= ? THEN 'cancelled'
        WHEN m.AuthorisedAt <= ? THEN 'final'
        WHEN m.ReceivedAt <= ? THEN 'in lab'
        WHEN m.CollectedAt <= ? THEN 'collected'
        ELSE 'ordered'
    END AS status,
    CASE WHEN m.AuthorisedAt <= ? THEN m.Outcome END AS result,
    m.RequestedAt AS ordered_ts,
    CASE WHEN m.CollectedAt <= ? THEN m.CollectedAt END AS collected_ts,
    CASE WHEN m.AuthorisedAt <= ? THEN m.AuthorisedAt END AS final_ts
FROM MicroTest m
WHERE m.RequestedAt <= ?
  AND m.RequestedAt >= ?
