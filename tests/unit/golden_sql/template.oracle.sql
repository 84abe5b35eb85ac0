-- template/accreditation.sql
SELECT
    k.ward_code AS ward_code,
    k.level_name AS "level",
    k.assessment_date AS assessed_on,
    k.next_date AS next_due,
    k.scheme_name AS scheme,
    k.entered_at AS recorded_ts
FROM quality_accreditation k
WHERE k.entered_at <= :as_at
  AND k.entered_at >= :since

-- template/assessment.sql
SELECT
    f.admission_id AS spell_key,
    f.form_name AS type,
    f.instrument AS tool,
    f.status AS status,
    f.assessed_at AS effective_ts,
    f.entered_at AS recorded_ts,
    f.total_score AS score,
    f.result_band AS risk_band,
    f.exemption AS exempt_reason,
    f.author_role AS author_role
FROM epr_form f
JOIN epr_admission a ON a.admission_id = f.admission_id
WHERE f.entered_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)

-- template/care_event.sql
SELECT
    v.admission_id AS spell_key,
    v.event_name AS type,
    v.happened_at AS ts
FROM epr_event v
JOIN epr_admission a ON a.admission_id = v.admission_id
WHERE v.happened_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)

-- template/census_staffing.sql
SELECT
    c.ward_code AS ward_code,
    c.taken_at AS ts,
    c.shift_name AS shift,
    c.hours_needed AS required_hours,
    c.nurse_hours_needed AS required_rn_hours,
    c.hours_available AS available_hours,
    c.judgement AS professional_judgement,
    c.red_flags AS red_flags
FROM acuity_census c
WHERE c.taken_at <= :as_at
  AND c.taken_at >= :since

-- template/discharge_plan.sql
SELECT
    h.admission_id AS spell_key,
    h.expected_date AS edd,
    h.changed_at AS edd_set_ts,
    h.golden_date AS golden_for_date,
    h.criteria_code AS criteria_to_reside_code,
    h.ready_since AS discharge_ready_ts,
    h.certainty AS discharge_certainty
FROM epr_discharge_plan h
JOIN epr_admission a ON a.admission_id = h.admission_id
WHERE h.changed_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)

-- template/dose_event.sql
SELECT
    d.prescription_id AS order_key,
    d.due_at AS due_ts,
    CASE WHEN d.charted_at <= :as_at THEN d.outcome END AS status,
    CASE WHEN d.charted_at <= :as_at THEN d.given_at END AS given_ts,
    CASE WHEN d.charted_at <= :as_at THEN d.omission_reason END AS reason_code,
    CASE WHEN d.charted_at <= :as_at THEN d.omission_note END AS reason_text,
    d.is_struck_out AS voided,
    CASE WHEN d.charted_at <= :as_at THEN d.charted_at END AS recorded_ts
FROM epr_dose d
WHERE d.due_at >= :since
  AND d.made_at <= :as_at

-- template/duty.sql
SELECT
    r.duty_id AS duty_key,
    r.ward_code AS ward_code,
    r.starts_at AS start_ts,
    r.ends_at AS end_ts,
    r.grade AS staff_group,
    r.status AS state,
    r.worked_ward_code AS worked_ward,
    r.is_supernumerary AS supernumerary,
    r.filled_by AS source,
    r.break_minutes AS break_min
FROM roster_duty r
WHERE r.ends_at >= :since
  AND r.published_at <= :as_at

-- template/ed_attendance.sql
SELECT
    e.admission_id AS spell_key,
    e.arrived_at AS arrival_ts,
    e.triaged_at AS first_seen_registered_ts,
    e.decided_to_admit_at AS decision_to_admit_ts
FROM epr_ed_attendance e
WHERE e.arrived_at <= :as_at
  AND e.arrived_at >= :since
  AND e.admission_id IS NOT NULL

-- template/flag.sql
SELECT
    g.admission_id AS spell_key,
    g.alert_code AS type,
    CASE WHEN g.closed_at <= :as_at THEN 'closed' ELSE 'open' END AS status,
    g.opened_at AS start_ts,
    CASE WHEN g.closed_at <= :as_at THEN g.closed_at END AS end_ts,
    g.opened_by_role AS author_role
FROM epr_alert g
JOIN epr_admission a ON a.admission_id = g.admission_id
WHERE g.opened_at <= :as_at
  AND (
    a.discharged_at IS NULL
    OR a.discharged_at >= :since
    OR (g.alert_code IN ('ISO_CDIFF', 'CDIFF_OVER') AND a.discharged_at >= :events_since)
  )

-- template/heartbeat.sql
SELECT i.last_message_time AS newest
FROM epr_interface_state i

-- template/huddle_action.sql
SELECT
    a.action_id AS action_key,
    a.ward_code AS ward_code,
    a.agreed_at AS opened_ts,
    CASE WHEN a.done_at <= :as_at THEN a.done_at END AS closed_ts,
    a.description AS what,
    a.owner_role AS owner_role,
    a.due_date AS due_on
FROM huddle_action_log a
WHERE a.agreed_at <= :as_at
  AND a.agreed_at >= :since

-- template/huddle_rating.sql
SELECT
    a.ward_code AS ward_code,
    a.huddle_date AS rated_on,
    a.rating AS rating,
    a.entered_at AS recorded_ts
FROM huddle_answer a
WHERE a.entered_at <= :as_at
  AND a.entered_at >= :since

-- template/lab_result.sql
SELECT
    r.patient_id AS patient_key,
    r.test_code AS test,
    r.numeric_result AS value,
    r.unit AS unit,
    r.specimen_taken_at AS collected_ts,
    r.authorised_at AS reported_ts,
    r.reference_low AS ref_low,
    r.reference_high AS ref_high,
    r.aki_stage AS aki_stage_from_lab
FROM lab_result_line r
WHERE r.test_code IN ('CREA')
  AND r.specimen_taken_at >= :since
  AND r.authorised_at <= :as_at

-- template/medrec.sql
SELECT
    m.admission_id AS spell_key,
    m.status AS status,
    m.completed_at AS completed_ts,
    m.completed_by_role AS role,
    m.number_of_sources AS sources_count
FROM epr_reconciliation m
JOIN epr_admission a ON a.admission_id = m.admission_id
WHERE m.started_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)

-- template/micro_result.sql
SELECT
    t.patient_id AS patient_key,
    t.test_name AS organism,
    CASE
        WHEN t.cancelled_at <= :as_at THEN 'cancelled'
        WHEN t.final_at <= :as_at THEN 'final'
        WHEN t.received_at <= :as_at THEN 'in lab'
        WHEN t.collected_at <= :as_at THEN 'collected'
        ELSE 'ordered'
    END AS status,
    CASE WHEN t.final_at <= :as_at THEN t.outcome END AS result,
    t.ordered_at AS ordered_ts,
    CASE WHEN t.collected_at <= :as_at THEN t.collected_at END AS collected_ts,
    CASE WHEN t.final_at <= :as_at THEN t.final_at END AS final_ts
FROM lab_micro_test t
WHERE t.ordered_at <= :as_at
  AND t.ordered_at >= :since

-- template/obs_plan.sql
SELECT
    q.admission_id AS spell_key,
    q.every_minutes AS interval_min,
    q.set_at AS set_ts,
    q.set_by_role AS set_by_role,
    q.reason AS reason,
    CASE WHEN q.ended_at <= :as_at THEN q.ended_at END AS valid_to
FROM epr_observation_plan q
JOIN epr_admission a ON a.admission_id = q.admission_id
WHERE q.set_at <= :as_at
  AND (a.discharged_at IS NULL OR a.discharged_at >= :since)

-- template/obs_set.sql
SELECT
    s.admission_id AS spell_key,
    s.measured_at AS ts,
    s.respiration_rate AS rr,
    s.oxygen_saturation AS spo2,
    s.saturation_scale AS spo2_scale,
    s.oxygen_device AS o2,
    s.systolic AS sbp,
    s.heart_rate AS pulse,
    s.consciousness AS acvpu,
    s.temperature AS temp,
    s.news2_score AS news2_total,
    s.is_complete AS complete
FROM epr_observation_set s
WHERE s.measured_at >= :since
  AND s.entered_at <= :as_at

-- template/order.sql
SELECT
    o.prescription_id AS order_key,
    o.admission_id AS spell_key,
    o.medicine_code AS drug_code,
    o.medicine_name AS drug_name,
    o.route AS route,
    o.frequency_type AS kind,
    o.status AS status,
    o.valid_from AS start_ts,
    o.valid_to AS stop_ts,
    o.is_verified AS verify_status,
    o.verified_at AS verified_ts,
    o.verifier_role AS verifier_role,
    o.changed_at AS last_modified_ts
FROM epr_prescription o
WHERE o.created_at <= :as_at
  AND (o.valid_to IS NULL OR o.valid_to >= :since)

-- template/patient_identity.sql
SELECT
    p.patient_id AS patient_key,
    p.family_name AS family_name,
    p.given_names AS given_name,
    p.hospital_number AS hospital_number,
    p.nhs_number AS nhs_number,
    p.date_of_birth AS birth_date
FROM epr_patient p
WHERE p.merged_into_id IS NULL
  AND p.patient_id IN (
    SELECT COALESCE(q.merged_into_id, q.patient_id)
    FROM epr_admission a
    JOIN epr_patient q ON q.patient_id = a.patient_id
    WHERE a.admitted_at <= :as_at
      AND (a.discharged_at IS NULL OR a.discharged_at >= :since)
  )

-- template/restrictive_practice.sql
SELECT
    k.admission_id AS spell_key,
    k.practice AS kind,
    k.started_at AS start_ts,
    CASE WHEN k.ended_at <= :as_at THEN k.ended_at END AS end_ts,
    CASE WHEN k.reviewed_at <= :as_at THEN k.reviewed_at END AS last_review_ts,
    k.authority AS legal_basis,
    k.authority_ends_at AS authorisation_end
FROM epr_restriction k
WHERE k.started_at <= :as_at
  AND (k.ended_at IS NULL OR k.ended_at >= :since)

-- template/spell.sql
SELECT
    COALESCE(p.merged_into_id, p.patient_id) AS patient_key,
    a.admission_id AS spell_key,
    a.admitted_at AS admit_ts,
    a.method_of_admission AS admission_method,
    a.class AS patient_class,
    CASE WHEN a.discharged_at <= :as_at THEN a.discharged_at END AS discharge_ts,
    CASE WHEN a.discharged_at <= :as_at THEN a.method_of_discharge END AS discharge_method,
    a.age_years AS age,
    a.age_days AS age_days,
    p.sex AS sex,
    a.is_maternity AS pregnant_or_recent,
    p.is_test_patient AS is_test,
    a.copied_to_patient_id AS merged_into
FROM epr_admission a
JOIN epr_patient p ON p.patient_id = a.patient_id
WHERE a.admitted_at <= :as_at
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

-- template/ward_stay.sql
SELECT
    b.admission_id AS spell_key,
    b.ward_code AS ward_code,
    b.bed_code AS bed_code,
    b.from_time AS start_ts,
    CASE WHEN b.to_time <= :as_at THEN b.to_time END AS end_ts,
    CASE WHEN b.leave_from <= :as_at THEN b.leave_from END AS on_leave_from,
    CASE WHEN b.leave_to <= :as_at THEN b.leave_to END AS on_leave_to
FROM epr_bed_stay b
JOIN epr_admission a ON a.admission_id = b.admission_id
WHERE b.from_time <= :as_at
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

-- template/wound.sql
SELECT
    w.admission_id AS spell_key,
    w.wound_id AS wound_key,
    w.wound_type AS kind,
    w.category AS category,
    w.body_site AS site,
    w.by_device AS device_related,
    w.first_seen_at AS first_observed_ts,
    w.there_on_admission AS present_on_admission,
    CASE WHEN w.healed_at <= :as_at THEN w.healed_at END AS healed_ts,
    CASE WHEN w.validated_at <= :as_at THEN 1 ELSE 0 END AS validated
FROM epr_wound w
WHERE w.entered_at <= :as_at
  AND w.first_seen_at >= :since
