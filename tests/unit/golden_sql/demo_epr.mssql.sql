-- demo_epr/assessment.sql
SELECT
    f.VISIT_NO AS spell_key,
    f.FORM_CD AS type,
    f.TOOL_TXT AS tool,
    CASE
        WHEN f.ERROR_DTM <= ? THEN 'ERROR'
        WHEN f.SIGNED_DTM <= ? THEN 'SIGNED'
        ELSE 'DRAFT'
    END AS status,
    f.PERFORMED_DTM AS effective_ts,
    CASE WHEN f.SIGNED_DTM <= ? THEN f.SIGNED_DTM ELSE f.ENTERED_DTM END AS recorded_ts,
    f.SCORE_NBR AS score,
    f.BAND_TXT AS risk_band,
    f.EXEMPT_TXT AS exempt_reason,
    f.AUTHOR_ROLE AS author_role
FROM FORM_ENTRY f
JOIN ENCNTR e ON e.VISIT_NO = f.VISIT_NO
WHERE f.ENTERED_DTM <= ?
  AND e.ADM_DTM <= ?
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= ?)

-- demo_epr/care_event.sql
SELECT
    v.VISIT_NO AS spell_key,
    v.EVT_CD AS type,
    v.EVT_DTM AS ts
FROM CLIN_EVENT v
JOIN ENCNTR e ON e.VISIT_NO = v.VISIT_NO
WHERE v.ENTERED_DTM <= ?
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= ?)

-- demo_epr/discharge_plan.sql
SELECT
    h.VISIT_NO AS spell_key,
    h.EDD_DT AS edd,
    h.CHANGED_DTM AS edd_set_ts,
    h.GOLD_DT AS golden_for_date,
    h.CTR_CD AS criteria_to_reside_code,
    h.READY_DTM AS discharge_ready_ts,
    h.CERTAINTY_CD AS discharge_certainty
FROM DSCH_PLAN_HX h
JOIN ENCNTR e ON e.VISIT_NO = h.VISIT_NO
WHERE h.CHANGED_DTM <= ?
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= ?)

-- demo_epr/ed_attendance.sql
SELECT
    v.VISIT_NO AS spell_key,
    v.ARR_DTM AS arrival_ts,
    v.TRIAGE_DTM AS first_seen_registered_ts,
    v.DTA_DTM AS decision_to_admit_ts
FROM ED_VISIT v
JOIN ENCNTR e ON e.VISIT_NO = v.VISIT_NO
WHERE e.ADM_DTM <= ?
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= ?)

-- demo_epr/flag.sql
SELECT
    a.VISIT_NO AS spell_key,
    a.ALERT_CD AS type,
    CASE WHEN a.CLOSED_DTM <= ? THEN 'closed' ELSE 'open' END AS status,
    a.OPENED_DTM AS start_ts,
    CASE WHEN a.CLOSED_DTM <= ? THEN a.CLOSED_DTM END AS end_ts,
    a.OPENED_ROLE AS author_role
FROM ALERT a
JOIN ENCNTR e ON e.VISIT_NO = a.VISIT_NO
WHERE a.OPENED_DTM <= ?
  AND (
    e.DIS_DTM IS NULL
    OR e.DIS_DTM >= ?
    OR (a.ALERT_CD IN ('ISO-CDI', 'CDI-END') AND e.DIS_DTM >= ?)
  )

-- demo_epr/heartbeat.sql
SELECT LAST_MSG_DTM AS last_message FROM MSG_STATUS

-- demo_epr/obs_plan.sql
SELECT
    q.VISIT_NO AS spell_key,
    q.FREQ_MIN AS interval_min,
    q.SET_DTM AS set_ts,
    q.SET_ROLE AS set_by_role,
    q.REASON_TXT AS reason,
    CASE WHEN q.ENDED_DTM <= ? THEN q.ENDED_DTM END AS valid_to
FROM OBS_FREQ q
JOIN ENCNTR e ON e.VISIT_NO = q.VISIT_NO
WHERE q.SET_DTM <= ?
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= ?)

-- demo_epr/obs_set.sql
SELECT
    o.VISIT_NO AS spell_key,
    o.OBS_DTM AS ts,
    o.RESP AS rr,
    o.SATS AS spo2,
    o.SATS_SCALE AS spo2_scale,
    o.O2_DEV AS o2,
    o.BP_SYS AS sbp,
    o.HR AS pulse,
    o.ACVPU AS acvpu,
    o.TEMP_C AS temp,
    o.EWS_TOTAL AS news2_total,
    o.ALL_TAKEN AS complete
FROM OBS_CHART o
WHERE o.OBS_DTM >= ?
  AND o.ENTERED_DTM <= ?

-- demo_epr/patient_identity.sql
SELECT
    i.PAT_NO AS patient_key,
    i.FAM_NM AS family_name,
    i.GIVEN_NM AS given_name,
    i.HOSP_NO AS hospital_number,
    i.NHS_NO AS nhs_number,
    p.BIRTH_DT AS birth_date
FROM PAT_IDENT i
JOIN PAT_MASTER p ON p.PAT_NO = i.PAT_NO
WHERE i.ENTERED_DTM <= ?
  AND (p.MERGED_DTM IS NULL OR p.MERGED_DTM > ?)
  AND i.PAT_NO IN (
    SELECT e.PAT_NO
    FROM ENCNTR e
    WHERE e.ADM_DTM <= ?
      AND (
        e.DIS_DTM IS NULL
        OR e.DIS_DTM >= ?
        OR (
            e.DIS_DTM >= ?
            AND (
                e.VISIT_NO IN (SELECT a.VISIT_NO FROM ALERT a WHERE a.ALERT_CD = 'ISO-CDI' AND a.OPENED_DTM <= ?)
                OR e.VISIT_NO IN (SELECT w.VISIT_NO FROM SKIN_WOUND w WHERE w.KIND_CD = 'PU' AND w.ENTERED_DTM <= ?)
            )
        )
      )
  )

-- demo_epr/restrictive_practice.sql
SELECT
    c.KIND_TXT AS kind,
    c.VISIT_NO AS spell_key,
    c.BEG_DTM AS start_ts,
    CASE WHEN c.END_DTM <= ? THEN c.END_DTM END AS end_ts,
    (
        SELECT MAX(r.REVIEW_DTM) FROM RESTR_REVIEW r WHERE r.RC_ID = c.RC_ID AND r.REVIEW_DTM <= ?
    ) AS last_review_ts,
    c.LEGAL_CD AS legal_basis,
    c.AUTH_END_DTM AS authorisation_end
FROM RESTR_CARE c
JOIN ENCNTR e ON e.VISIT_NO = c.VISIT_NO
WHERE c.BEG_DTM <= ?
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= ?)

-- demo_epr/spell.mssql.sql
SELECT
    COALESCE(CASE WHEN p.MERGED_DTM <= ? THEN p.MERGED_TO_NO END, p.PAT_NO) AS patient_key,
    e.VISIT_NO AS spell_key,
    e.ADM_DTM AS admit_ts,
    e.ADM_METH AS admission_method,
    e.ENC_TYP AS patient_class,
    CASE WHEN e.DIS_DTM <= ? THEN e.DIS_DTM END AS discharge_ts,
    CASE WHEN e.DIS_DTM <= ? THEN e.DIS_METH END AS discharge_method,
    CAST(SUBSTRING(e.ADM_DTM, 1, 4) AS INTEGER) - CAST(SUBSTRING(p.BIRTH_DT, 1, 4) AS INTEGER)
        - CASE WHEN SUBSTRING(e.ADM_DTM, 6, 5) < SUBSTRING(p.BIRTH_DT, 6, 5) THEN 1 ELSE 0 END AS age,
    e.AGE_D AS age_days,
    p.SEX_CD AS sex,
    CASE WHEN e.OBST_FLG IN ('P', 'R') THEN 1 ELSE 0 END AS pregnant_or_recent,
    p.TEST_FLG AS is_test,
    CASE WHEN p.MERGED_DTM <= ? THEN p.MERGED_TO_NO END AS merged_into
FROM ENCNTR e
JOIN PAT_MASTER p ON p.PAT_NO = e.PAT_NO
WHERE e.ADM_DTM <= ?
  AND (
    e.DIS_DTM IS NULL
    OR e.DIS_DTM >= ?
    OR (
        e.DIS_DTM >= ?
        AND (
            e.VISIT_NO IN (SELECT a.VISIT_NO FROM ALERT a WHERE a.ALERT_CD = 'ISO-CDI' AND a.OPENED_DTM <= ?)
            OR e.VISIT_NO IN (SELECT w.VISIT_NO FROM SKIN_WOUND w WHERE w.KIND_CD = 'PU' AND w.ENTERED_DTM <= ?)
        )
    )
  )

-- demo_epr/ward_stay.sql
SELECT
    s.VISIT_NO AS spell_key,
    s.UNIT_CD AS ward_code,
    s.BED_CD AS bed_code,
    s.BEG_DTM AS start_ts,
    CASE WHEN s.END_DTM <= ? THEN s.END_DTM END AS end_ts,
    l.OUT_DTM AS on_leave_from,
    CASE WHEN l.BACK_DTM <= ? THEN l.BACK_DTM END AS on_leave_to
FROM BED_STAY s
JOIN ENCNTR e ON e.VISIT_NO = s.VISIT_NO
LEFT JOIN BED_LEAVE l ON l.STAY_ID = s.STAY_ID AND l.OUT_DTM <= ?
WHERE s.BEG_DTM <= ?
  AND (
    e.DIS_DTM IS NULL
    OR e.DIS_DTM >= ?
    OR (
        e.DIS_DTM >= ?
        AND (
            e.VISIT_NO IN (SELECT a.VISIT_NO FROM ALERT a WHERE a.ALERT_CD = 'ISO-CDI' AND a.OPENED_DTM <= ?)
            OR e.VISIT_NO IN (SELECT w.VISIT_NO FROM SKIN_WOUND w WHERE w.KIND_CD = 'PU' AND w.ENTERED_DTM <= ?)
        )
    )
  )

-- demo_epr/wound.sql
SELECT
    w.VISIT_NO AS spell_key,
    w.WOUND_ID AS wound_key,
    w.KIND_CD AS kind,
    w.CAT_CD AS category,
    w.SITE_TXT AS site,
    w.DEVICE_FLG AS device_related,
    w.FIRST_SEEN_DTM AS first_observed_ts,
    w.POA_FLG AS present_on_admission,
    CASE WHEN w.HEALED_DTM <= ? THEN w.HEALED_DTM END AS healed_ts,
    CASE WHEN w.VALIDATED_DTM <= ? THEN 1 ELSE 0 END AS validated
FROM SKIN_WOUND w
JOIN ENCNTR e ON e.VISIT_NO = w.VISIT_NO
WHERE w.ENTERED_DTM <= ?
  AND (e.DIS_DTM IS NULL OR e.DIS_DTM >= ?)
