-- One row: one accreditation of a ward by the scheme of the site. :since goes ten years back.
SELECT
    -- must be given, never empty
    k.ward_code AS ward_code,
    -- must be given, never empty: as [team.accreditation] of the site's file lists it
    k.level_name AS "level",
    -- must be given, never empty
    k.assessment_date AS assessed_on,
    k.next_date AS next_due,
    k.scheme_name AS scheme,
    -- when it was entered; of two of a day the later stands
    k.entered_at AS recorded_ts
FROM quality_accreditation k
WHERE k.entered_at <= :as_at
  AND k.entered_at >= :since
