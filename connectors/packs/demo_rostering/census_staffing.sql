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
