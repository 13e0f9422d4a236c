-- By so many hours: how many views that a table does not explain it would, were all its times so much later, and how many that it explains
-- it would not. A few say nothing of a whole table.
WITH shifts AS (SELECT unnest(range(-?::BIGINT, ?::BIGINT + 1)) AS hours)
SELECT
    hours,
    count(*) FILTER (NOT list_contains(fits, 0) AND list_contains(fits, hours)) AS gained,
    count(*) FILTER (list_contains(fits, 0) AND NOT list_contains(fits, hours)) AS lost
FROM {table} CROSS JOIN shifts WHERE hours <> 0 GROUP BY hours
HAVING gained > lost AND gained >= greatest(?::BIGINT, ?::DOUBLE * count(*)) ORDER BY gained - lost DESC, abs(hours), hours
