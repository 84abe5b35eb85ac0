-- One row: one set of vital signs.
-- Traps: a value that was struck out must not be here; a set is one row, so values that are stored one by one are put
-- together first; temperature is in degrees Celsius; the score is the one that your system showed, not one worked out
-- here. If it shows none, leave news2_total out: an empty column would read as "nobody has a high score".
SELECT
    -- must be given, never empty
    s.admission_id AS spell_key,
    -- must be given, never empty: when they were measured, not when they were entered
    s.measured_at AS ts,
    s.respiration_rate AS rr,
    s.oxygen_saturation AS spo2,
    -- 2 where a target of 88-92 % is prescribed, else 1
    s.saturation_scale AS spo2_scale,
    -- air exactly where that was charted, else the device or flow; empty is missing (mapping.o2)
    s.oxygen_device AS o2,
    s.systolic AS sbp,
    s.heart_rate AS pulse,
    -- A, C, V, P or U (mapping.acvpu)
    s.consciousness AS acvpu,
    s.temperature AS temp,
    s.news2_score AS news2_total,
    -- must be given: 1 when all parameters were measured. Only such a set counts as observations done
    s.is_complete AS complete
FROM epr_observation_set s
WHERE s.measured_at >= :since
  AND s.entered_at <= :as_at
