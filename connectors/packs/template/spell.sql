-- One row: one hospital provider spell, a patient's continuous stay with the provider.
-- Give everybody who is in hospital, and who left since :since. Traps: pre-admissions and waiting-list entries are no
-- spells; outpatients are none; an attendance at the emergency department without admission is none; a cancelled
-- admission must go away. Never filter by ward: whoever lies in a unit that is no ward is counted on /status.
SELECT
    -- must be given, never empty: the person, by the key that survives a merger
    COALESCE(p.merged_into_id, p.patient_id) AS patient_key,
    -- must be given, never empty: the spell; the same key as in every other feed
    a.admission_id AS spell_key,
    -- must be given: the start
    a.admitted_at AS admit_ts,
    -- how the patient came in, in your words
    a.method_of_admission AS admission_method,
    -- inpatient, day case or regular; empty is inpatient
    a.class AS patient_class,
    -- must be given, empty while the spell lasts: an expected date of discharge is none. Emptied when it lies after
    -- :as_at, so that a past moment can be read again
    CASE WHEN a.discharged_at <= :as_at THEN a.discharged_at END AS discharge_ts,
    -- how the patient left, in your words
    CASE WHEN a.discharged_at <= :as_at THEN a.method_of_discharge END AS discharge_method,
    -- completed years at admission; let the system work it out, or do it with its own functions for dates
    a.age_years AS age,
    -- in days, only under one year
    a.age_days AS age_days,
    -- female, male or other
    p.sex AS sex,
    -- 1 or 0
    a.is_maternity AS pregnant_or_recent,
    -- 1 for the patients that informatics invents for training: they count nowhere
    p.is_test_patient AS is_test,
    -- the key that replaced this patient. Such a spell counts nowhere: give it only where a merger leaves the same spell
    -- a second time, under the surviving patient
    a.copied_to_patient_id AS merged_into
FROM epr_admission a
JOIN epr_patient p ON p.patient_id = a.patient_id
WHERE a.admitted_at <= :as_at
  -- whoever left, and further back whoever had a harm that days are counted from: leave the last lines out if neither
  -- wounds nor microbiology are connected
  AND (
    a.discharged_at IS NULL
    OR a.discharged_at >= :since
    OR (
      a.discharged_at >= :events_since
      AND (
        a.admission_id IN (SELECT w.admission_id FROM epr_wound w)
        OR a.patient_id IN (SELECT t.patient_id FROM lab_micro_test t WHERE t.outcome IN ('TOX'))
      )
    )
  )
