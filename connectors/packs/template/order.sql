-- One row: the current version of one prescription.
-- Traps: systems that write a new row for each change need the last one alone (of rows with the same key, the one with
-- the latest last_modified_ts counts); discharge prescriptions and outpatients' are not wanted; a missing end is NULL,
-- not a date in the year 9999 that your system means by it.
SELECT
    -- must be given, never empty: the same key as in dose_event.sql
    o.prescription_id AS order_key,
    -- must be given, never empty
    o.admission_id AS spell_key,
    -- must be given: the dm+d code of the VTM or VMP, or your own; [medicines] of the site's file sorts it into classes
    o.medicine_code AS drug_code,
    -- what people call it
    o.medicine_name AS drug_name,
    -- route
    o.route AS route,
    -- must be given: regular, PRN, stat, infusion or conditional (mapping.kind). As-required doses are never missed
    o.frequency_type AS kind,
    -- must be given, never empty: as it stands now (mapping.status)
    o.status AS status,
    -- must be given
    o.valid_from AS start_ts,
    -- must be given, empty while it is open
    o.valid_to AS stop_ts,
    -- verified, not verified or not required. Leave the next three out together if pharmacists do not verify here
    o.is_verified AS verify_status,
    o.verified_at AS verified_ts,
    -- only a pharmacist's counts: pharmacist
    o.verifier_role AS verifier_role,
    -- the last change of drug, dose, route or frequency: a verification before it no longer counts
    o.changed_at AS last_modified_ts
FROM epr_prescription o
WHERE o.created_at <= :as_at
  AND (o.valid_to IS NULL OR o.valid_to >= :since)
