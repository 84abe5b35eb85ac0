-- Vital signs are charted in pieces. A set is made at each respiratory rate, of the latest value of every other
-- parameter charted for the admission in the 60 minutes up to then, both ends included. It is complete when all are
-- there and none lies outside the canonical range (the gate empties those). Oxygen counts as air only where that was
-- charted: inspired oxygen 21 %, or no flow; an inspired share under 21 % is impossible and says nothing. Of several
-- oxygen entries the latest holds, and of those at one moment the one that says oxygen. An arterial line is read before
-- a cuff. spo2_scale and news2_total are left out: the source has none.
WITH head AS (
  SELECT DISTINCT r.hadm_id, r.charttime, r.valuenum AS rr
  FROM mimiciv_icu.chartevents r
  WHERE r.itemid = 220210 AND r.charttime <= :as_at AND r.charttime >= :since
),
charted AS (
  SELECT
    c.hadm_id,
    c.charttime,
    c.itemid,
    c.valuenum,
    CASE
      WHEN c.itemid = 220277 THEN 'spo2'
      WHEN c.itemid IN (220050, 220179) THEN 'sbp'
      WHEN c.itemid = 220045 THEN 'pulse'
      WHEN c.itemid IN (223761, 223762) THEN 'temp'
      WHEN c.itemid IN (223834, 223835, 227287) THEN 'o2'
    END AS what,
    CASE WHEN c.valuenum = CASE c.itemid WHEN 223835 THEN 21 ELSE 0 END THEN 1 ELSE 0 END AS on_air
  FROM mimiciv_icu.chartevents c
  WHERE c.itemid IN (220277, 220050, 220179, 220045, 223761, 223762, 223834, 223835, 227287)
    AND NOT (c.itemid = 223835 AND c.valuenum < 21)
    AND c.charttime <= :as_at AND c.charttime >= CAST(:since AS TIMESTAMP) - INTERVAL '60 minutes'
  UNION ALL
  SELECT g.hadm_id, g.charttime, 0, SUM(g.valuenum), 'gcs', 0
  FROM mimiciv_icu.chartevents g
  WHERE g.itemid IN (220739, 223900, 223901)
    AND g.charttime <= :as_at AND g.charttime >= CAST(:since AS TIMESTAMP) - INTERVAL '60 minutes'
  GROUP BY g.hadm_id, g.charttime
  HAVING COUNT(DISTINCT g.itemid) = 3
),
ranked AS (
  SELECT
    h.hadm_id,
    h.charttime,
    h.rr,
    c.itemid,
    c.valuenum,
    c.what,
    c.on_air,
    ROW_NUMBER() OVER (
      PARTITION BY h.hadm_id, h.charttime, h.rr, c.what
      ORDER BY
        c.charttime DESC,
        c.on_air,
        CASE WHEN c.what = 'temp' THEN -c.itemid ELSE c.itemid END,
        c.valuenum DESC
    ) AS place
  FROM head h
  LEFT JOIN charted c ON c.hadm_id = h.hadm_id
    AND c.charttime BETWEEN h.charttime - INTERVAL '60 minutes' AND h.charttime
),
gathered AS (
  SELECT
    r.hadm_id,
    r.charttime,
    r.rr,
    MAX(CASE WHEN r.what = 'spo2' THEN r.valuenum END) AS spo2,
    MAX(CASE WHEN r.what = 'sbp' THEN r.valuenum END) AS sbp,
    MAX(CASE WHEN r.what = 'pulse' THEN r.valuenum END) AS pulse,
    MAX(
      CASE
        WHEN r.itemid = 223761 THEN ROUND(CAST((r.valuenum - 32) / 1.8 AS NUMERIC), 2)
        WHEN r.itemid = 223762 THEN CAST(r.valuenum AS NUMERIC)
      END
    ) AS temp,
    MAX(CASE WHEN r.what = 'gcs' THEN r.valuenum END) AS gcs,
    MAX(
      CASE
        WHEN r.what <> 'o2' OR r.valuenum IS NULL THEN NULL
        WHEN r.on_air = 1 THEN 'air'
        WHEN r.itemid = 223835 THEN 'FiO2 ' || CAST(CAST(r.valuenum AS INTEGER) AS VARCHAR(10)) || ' %'
        ELSE 'flow ' || CAST(r.valuenum AS VARCHAR(20)) || ' L/min'
      END
    ) AS o2
  FROM ranked r
  WHERE r.place = 1
  GROUP BY r.hadm_id, r.charttime, r.rr
)
SELECT
  g.hadm_id AS spell_key,
  g.charttime AS ts,
  g.rr AS rr,
  g.spo2 AS spo2,
  g.o2 AS o2,
  g.sbp AS sbp,
  g.pulse AS pulse,
  CAST(g.gcs AS INTEGER) AS acvpu,
  g.temp AS temp,
  CASE
    WHEN g.rr BETWEEN 1 AND 100 AND g.spo2 BETWEEN 20 AND 100 AND g.sbp BETWEEN 20 AND 350
      AND g.pulse BETWEEN 10 AND 350 AND g.temp BETWEEN 20 AND 46 AND g.gcs BETWEEN 3 AND 15 AND g.o2 IS NOT NULL
    THEN 1
    ELSE 0
  END AS complete
FROM gathered g
