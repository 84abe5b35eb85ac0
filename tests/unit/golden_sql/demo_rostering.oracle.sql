-- demo_rostering/census_staffing.sql
SELECT
    c.Unit AS ward_code,
    c.CensusAt AS ts,
    c.Period AS shift,
    c.RequiredHours AS required_hours,
    c.AvailableHours AS available_hours,
    c.Judgement AS professional_judgement,
    c.RedFlags AS red_flags
FROM AcuityCensus c
WHERE c.CensusAt >= :since
  AND c.CensusAt <= :as_at

-- demo_rostering/duty.sql
SELECT
    d.DutyId AS duty_key,
    d.Unit AS ward_code,
    d.DutyStart AS start_ts,
    d.DutyEnd AS end_ts,
    d.GradeType AS staff_group,
    CASE
        WHEN a.Status = 'Vacant' OR a.Status IS NULL
            THEN CASE WHEN d.DutyStart <= :as_at THEN 'unfilled' ELSE 'required' END
        ELSE a.Status
    END AS state,
    a.WorkedUnit AS worked_ward,
    d.Supernumerary AS supernumerary,
    a.FilledBy AS source,
    d.BreakMinutes AS break_min
FROM RosterDuty d
LEFT JOIN (
    SELECT x.DutyId, MAX(x.VersionNo) AS VersionNo
    FROM DutyAssignment x
    WHERE x.ChangedAt <= :as_at
    GROUP BY x.DutyId
) newest ON newest.DutyId = d.DutyId
LEFT JOIN DutyAssignment a ON a.DutyId = d.DutyId AND a.VersionNo = newest.VersionNo
WHERE d.DutyEnd >= :since
  AND d.PublishedAt <= :as_at

-- demo_rostering/heartbeat.sql
SELECT LastMessageAt FROM InterfaceLog
