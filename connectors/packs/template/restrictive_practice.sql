-- One row: one restrictive practice applied to a patient for some time.
SELECT
    -- must be given, never empty
    k.admission_id AS spell_key,
    -- which practice, in your words
    k.practice AS kind,
    -- must be given, never empty
    k.started_at AS start_ts,
    -- must be given, empty while it lasts
    CASE WHEN k.ended_at <= :as_at THEN k.ended_at END AS end_ts,
    -- must be given: the last review of whether something less restrictive would do
    CASE WHEN k.reviewed_at <= :as_at THEN k.reviewed_at END AS last_review_ts,
    -- (mapping.legal_basis)
    k.authority AS legal_basis,
    k.authority_ends_at AS authorisation_end
FROM epr_restriction k
WHERE k.started_at <= :as_at
  AND (k.ended_at IS NULL OR k.ended_at >= :since)
