-- One row: one entry of an assessment form about a patient.
-- Every form in one query, told apart by type. Traps: an unsigned form is a draft and must not look complete; a form that
-- was struck out must stay, as void; of a form that was amended give every version, or the last.
SELECT
    -- must be given, never empty
    f.admission_id AS spell_key,
    -- must be given, never empty: which assessment (mapping.type)
    f.form_name AS type,
    -- the instrument, where a form has several
    f.instrument AS tool,
    -- must be given: draft, complete or void (mapping.status); only complete counts
    f.status AS status,
    -- must be given: when the patient was assessed
    f.assessed_at AS effective_ts,
    -- must be given: when it was entered; this is what makes a past moment readable
    f.entered_at AS recorded_ts,
    -- the instrument's total
    f.total_score AS score,
    -- its band, as at risk or not at risk; of allergies the status: none_known, drug_allergy, unable_to_ascertain
    f.result_band AS risk_band,
    -- a documented reason why it does not apply to this patient
    f.exemption AS exempt_reason,
    -- role of who entered it, never a name
    f.author_role AS author_role
FROM epr_form f
-- everything of a spell that is not over, however old: patients stay longer than :since reaches
JOIN epr_admission a ON a.admission_id = f.admission_id
WHERE f.entered_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)
