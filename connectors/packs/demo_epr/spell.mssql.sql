-- spell.sql for SQL Server, whose SUBSTR is called SUBSTRING.
-- Spells open at any time since :since, and older ones that hold a C. difficile alert or a pressure ulcer.
SELECT
    COALESCE(CASE WHEN p.MERGED_DTM <= :as_at THEN p.MERGED_TO_NO END, p.PAT_NO) AS patient_key,
    e.VISIT_NO AS spell_key,
    e.ADM_DTM AS admit_ts,
    e.ADM_METH AS admission_method,
    e.ENC_TYP AS patient_class,
    CASE WHEN e.DIS_DTM <= :as_at THEN e.DIS_DTM END AS discharge_ts,
    CASE WHEN e.DIS_DTM <= :as_at THEN e.DIS_METH END AS discharge_method,
    -- completed years: the month and day of birth have come round or not
    CAST(SUBSTRING(e.ADM_DTM, 1, 4) AS INTEGER) - CAST(SUBSTRING(p.BIRTH_DT, 1, 4) AS INTEGER)
        - CASE WHEN SUBSTRING(e.ADM_DTM, 6, 5) < SUBSTRING(p.BIRTH_DT, 6, 5) THEN 1 ELSE 0 END AS age,
    e.AGE_D AS age_days,
    p.SEX_CD AS sex,
    CASE WHEN e.OBST_FLG IN ('P', 'R') THEN 1 ELSE 0 END AS pregnant_or_recent,
    p.TEST_FLG AS is_test,
    CASE WHEN p.MERGED_DTM <= :as_at THEN p.MERGED_TO_NO END AS merged_into
FROM ENCNTR e
JOIN PAT_MASTER p ON p.PAT_NO = e.PAT_NO
WHERE e.ADM_DTM <= :as_at
  AND (
    e.DIS_DTM IS NULL
    OR e.DIS_DTM >= :since
    OR (
        e.DIS_DTM >= :events_since
        AND (
            e.VISIT_NO IN (SELECT a.VISIT_NO FROM ALERT a WHERE a.ALERT_CD = 'ISO-CDI' AND a.OPENED_DTM <= :as_at)
            OR e.VISIT_NO IN (SELECT w.VISIT_NO FROM SKIN_WOUND w WHERE w.KIND_CD = 'PU' AND w.ENTERED_DTM <= :as_at)
        )
    )
  )
