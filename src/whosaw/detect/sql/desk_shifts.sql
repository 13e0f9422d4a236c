-- By so many hours: how many views without a ticket would have one, were all tickets so much later, and how many would lose theirs. A
-- single one says nothing of a whole table.
WITH shifts AS (SELECT unnest(range(-?::BIGINT, ?::BIGINT + 1)) AS hours)
SELECT
    hours,
    count(*) FILTER (NOT list_contains(fits, 0) AND list_contains(fits, hours)) AS gained,
    count(*) FILTER (list_contains(fits, 0) AND NOT list_contains(fits, hours)) AS lost,
    count(*) FILTER (NOT list_contains(fits, 0)) AS lacking
FROM detect_desk CROSS JOIN shifts WHERE hours <> 0 GROUP BY hours
HAVING gained > greatest(lost, 1) ORDER BY gained - lost DESC, abs(hours), hours
