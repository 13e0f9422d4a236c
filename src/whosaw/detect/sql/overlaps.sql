-- How many counted views two flagged actors share; with itself, how many it has.
WITH each AS (
    SELECT
        client, count(*) FILTER (answer = 2) AS unexplained, count(*) FILTER (answer = 3) AS cannot_tell
    FROM detect_hit_views GROUP BY client
)
SELECT
    a.hit AS one, b.hit AS other,
    sum(unexplained + CASE WHEN a.only_unexplained OR b.only_unexplained THEN 0 ELSE cannot_tell END)::BIGINT AS views
FROM detect_hits AS a JOIN detect_hits AS b USING (client) JOIN each USING (client)
WHERE a.hit <= b.hit GROUP BY a.hit, b.hit ORDER BY a.hit, b.hit
