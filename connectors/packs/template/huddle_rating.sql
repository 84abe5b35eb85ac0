-- One row: a ward team's own rating of how reliable its processes are, given at its huddle.
SELECT
    -- must be given, never empty
    a.ward_code AS ward_code,
    -- must be given, never empty: the day of the huddle
    a.huddle_date AS rated_on,
    -- must be given, never empty: 1 low to 5 high
    a.rating AS rating,
    -- when it was entered; of two of a day the later stands
    a.entered_at AS recorded_ts
FROM huddle_answer a
WHERE a.entered_at <= :as_at
  AND a.entered_at >= :since
