-- The people of the same spells as spell.sql, each once; who was merged into another record is known by that one.
SELECT
    i.PAT_NO AS patient_key,
    i.FAM_NM AS family_name,
    i.GIVEN_NM AS given_name,
    i.HOSP_NO AS hospital_number,
    i.NHS_NO AS nhs_number,
    p.BIRTH_DT AS birth_date
FROM PAT_IDENT i
JOIN PAT_MASTER p ON p.PAT_NO = i.PAT_NO
WHERE i.ENTERED_DTM <= :as_at
  AND (p.MERGED_DTM IS NULL OR p.MERGED_DTM > :as_at)
  AND i.PAT_NO IN (
    SELECT e.PAT_NO
    FROM ENCNTR e
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
  )
