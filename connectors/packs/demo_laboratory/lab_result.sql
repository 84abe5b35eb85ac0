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
