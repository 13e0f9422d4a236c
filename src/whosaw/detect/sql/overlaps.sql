-- How many counted views two flags share; with itself, how many it has. What one flag counts of a client's views holds
-- what a stricter one counts, so they share the smaller number. Clients of the same flags are put together first.
WITH sets AS (
    SELECT hits, list_value({sums}) AS views
    FROM (SELECT client, list(hit ORDER BY hit) AS hits FROM detect_hits GROUP BY client)
    JOIN (SELECT client, list_value({counts}) AS views FROM detect_hit_views GROUP BY client) USING (client)
    GROUP BY hits
),
numbered AS MATERIALIZED (SELECT row_number() OVER (ORDER BY hits) AS number, hits, views FROM sets),
each AS MATERIALIZED (
    SELECT number, hit, views[rule] AS views
    FROM (SELECT number, unnest(hits) AS hit, views FROM numbered) JOIN ruled USING (hit)
)
SELECT a.hit AS one, b.hit AS other, sum(least(a.views, b.views))::BIGINT AS views
FROM each AS a JOIN each AS b USING (number)
WHERE a.hit <= b.hit GROUP BY a.hit, b.hit ORDER BY a.hit, b.hit
