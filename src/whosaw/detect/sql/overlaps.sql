-- How many counted views two flags share; with itself, how many it has. What one flag counts of a client's views holds
-- what a stricter one counts, so they share the smaller number. Clients of the same flags are looked at together.
WITH sets AS (SELECT mark, list_value({counts}) AS views FROM detect_hit_views GROUP BY mark),
each AS MATERIALIZED (
    SELECT mark, hit, views[rule] AS views FROM sets JOIN detect_mark_hits USING (mark) JOIN ruled USING (hit)
)
SELECT a.hit AS one, b.hit AS other, sum(least(a.views, b.views))::BIGINT AS views
FROM each AS a JOIN each AS b USING (mark)
WHERE a.hit <= b.hit GROUP BY a.hit, b.hit ORDER BY a.hit, b.hit
