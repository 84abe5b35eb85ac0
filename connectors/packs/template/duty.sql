-- One row: one demanded duty of the roster, whose state says how it stands now.
-- Traps: a vacant duty must have a row, or nobody is ever missing; unpublished rosters are not wanted; a nurse who was
-- moved works elsewhere (worked_ward) and is still this ward's demand; students and people on induction are
-- supernumerary.
SELECT
    -- names the duty, if your system does
    r.duty_id AS duty_key,
    -- must be given, never empty: the ward that demands it
    r.ward_code AS ward_code,
    -- must be given, never empty
    r.starts_at AS start_ts,
    -- must be given, never empty: on the next day for a night
    r.ends_at AS end_ts,
    -- must be given, never empty (mapping.staff_group)
    r.grade AS staff_group,
    -- must be given, never empty: required, filled, unfilled, sick or cancelled (mapping.state)
    r.status AS state,
    -- empty is the demanding ward
    r.worked_ward_code AS worked_ward,
    -- 1 when not counted in the numbers
    r.is_supernumerary AS supernumerary,
    -- (mapping.source)
    r.filled_by AS source,
    -- minutes of unpaid break
    r.break_minutes AS break_min
FROM roster_duty r
WHERE r.ends_at >= :since
  AND r.published_at <= :as_at
