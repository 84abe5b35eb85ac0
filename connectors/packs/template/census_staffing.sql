-- One row: one staffing census of a ward and shift, as acuity tools take it.
SELECT
    -- must be given, never empty
    c.ward_code AS ward_code,
    -- must be given, never empty: when it was taken
    c.taken_at AS ts,
    -- day or night (mapping.shift)
    c.shift_name AS shift,
    -- must be given: hours needed by acuity
    c.hours_needed AS required_hours,
    -- of registered nurses alone, if your tool tells them apart
    c.nurse_hours_needed AS required_rn_hours,
    c.hours_available AS available_hours,
    -- in your words
    c.judgement AS professional_judgement,
    -- red flags raised, separated by semicolons
    c.red_flags AS red_flags
FROM acuity_census c
WHERE c.taken_at <= :as_at
  AND c.taken_at >= :since
