-- Lines of the actor's clients that were left out as repeats of a line that stands in the scope.
WITH repeats AS (
    SELECT s.source, v.client, v.route, v.micros AS time
    FROM views v JOIN count_sources s USING (content)
    WHERE v.duplicate AND v.client IN (SELECT client FROM scope_clients)
), -- the few repeats are looked up among the many views, not the other way round
met AS (
    SELECT DISTINCT h.client, h.route, h.time FROM scope_views h
    SEMI JOIN repeats r ON r.client = h.client AND r.route = h.route AND r.time = h.time
)
SELECT r.source, r.route, r.time // 86400000000 AS day, count(*) AS repeats
FROM repeats r SEMI JOIN met m ON m.client = r.client AND m.route = r.route AND m.time = r.time
GROUP BY ALL ORDER BY ALL
