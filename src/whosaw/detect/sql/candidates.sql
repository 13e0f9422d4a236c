-- Actors whose distinct persons over the whole time reach the smallest threshold; nobody else can in a window.
-- Numbers of views per client rule most of them out before any view is read.
WITH large AS (
    SELECT actor FROM detect_weights JOIN {actors} USING (client) GROUP BY actor HAVING sum("{weight}") >= ?
),
pairs AS (
    SELECT actor, person, count(*) AS views
    FROM detect_views JOIN {actors} USING (client) SEMI JOIN large USING (actor)
    WHERE {counted} GROUP BY actor, person
)
SELECT actor, sum(views)::BIGINT AS views FROM pairs GROUP BY actor HAVING count(*) >= ? ORDER BY actor
