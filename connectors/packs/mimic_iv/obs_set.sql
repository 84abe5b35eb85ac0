-- Vital signs are charted in pieces. A set is made at each respiratory rate, of the latest value of every other
-- parameter charted for the admission in the 60 minutes up to then, both ends included. It is complete when all are
-- there and none lies outside the canonical range (the gate empties those). Oxygen counts as air only where that was
-- charted: inspired oxygen 21 %, or no flow; an inspired share under 21 % is impossible and says nothing. Of several
-- oxygen entries the latest holds, and of those at one moment the one that says oxygen. spo2_scale and news2_total are
-- left out: the source has none.
WITH heads AS (
  SELECT r.hadm_id, r.ts, r.value AS rr
  FROM chartevents AS r
  WHERE r.itemid = 220210 AND r.hadm_id IS NOT NULL AND r.ts <= :as_at AND r.ts >= :since
),
gathered AS (
  SELECT
    h.hadm_id, h.ts, h.rr,
    (SELECT c.value FROM chartevents AS c
     WHERE c.hadm_id = h.hadm_id AND c.itemid = 220277 AND c.ts BETWEEN h.ts - 3600 AND h.ts
     ORDER BY c.ts DESC LIMIT 1) AS spo2,
    -- an arterial line is read before a cuff
    (SELECT c.value FROM chartevents AS c
     WHERE c.hadm_id = h.hadm_id AND c.itemid IN (220050, 220179) AND c.ts BETWEEN h.ts - 3600 AND h.ts
     ORDER BY c.ts DESC, c.itemid LIMIT 1) AS sbp,
    (SELECT c.value FROM chartevents AS c
     WHERE c.hadm_id = h.hadm_id AND c.itemid = 220045 AND c.ts BETWEEN h.ts - 3600 AND h.ts
     ORDER BY c.ts DESC LIMIT 1) AS pulse,
    (SELECT CASE c.itemid WHEN 223761 THEN ROUND((c.value - 32) / 1.8, 2) ELSE c.value END FROM chartevents AS c
     WHERE c.hadm_id = h.hadm_id AND c.itemid IN (223761, 223762) AND c.ts BETWEEN h.ts - 3600 AND h.ts
     ORDER BY c.ts DESC, c.itemid DESC LIMIT 1) AS temp,
    (SELECT SUM(c.value) FROM chartevents AS c
     WHERE c.hadm_id = h.hadm_id AND c.itemid IN (220739, 223900, 223901) AND c.ts BETWEEN h.ts - 3600 AND h.ts
     GROUP BY c.ts HAVING COUNT(DISTINCT c.itemid) = 3
     ORDER BY c.ts DESC LIMIT 1) AS gcs,
    (SELECT CASE WHEN c.itemid = 223835 AND c.value = 21 THEN 'air'
                 WHEN c.itemid = 223835 THEN 'FiO2 ' || CAST(c.value AS INTEGER) || ' %'
                 WHEN c.value = 0 THEN 'air'
                 ELSE 'flow ' || c.value || ' L/min' END
     FROM chartevents AS c
     WHERE c.hadm_id = h.hadm_id AND c.itemid IN (223834, 223835, 227287) AND c.ts BETWEEN h.ts - 3600 AND h.ts
       AND NOT (c.itemid = 223835 AND c.value < 21)
     ORDER BY c.ts DESC, CASE WHEN c.value = CASE c.itemid WHEN 223835 THEN 21 ELSE 0 END THEN 1 ELSE 0 END
     LIMIT 1) AS o2
  FROM heads AS h
)
SELECT
  hadm_id AS spell_key,
  ts,
  rr,
  spo2,
  o2,
  sbp,
  pulse,
  CAST(gcs AS INTEGER) AS acvpu,
  temp,
  CASE
    WHEN rr BETWEEN 1 AND 100 AND spo2 BETWEEN 20 AND 100 AND sbp BETWEEN 20 AND 350 AND pulse BETWEEN 10 AND 350
      AND temp BETWEEN 20 AND 46 AND gcs BETWEEN 3 AND 15 AND o2 IS NOT NULL
    THEN 1 ELSE 0
  END AS complete
FROM gathered
