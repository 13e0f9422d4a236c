-- Actors whose distinct persons over the whole time may reach the smallest threshold; nobody else can in a window. Numbers of
-- views per client rule most actors out before any view is read. Of those with many times as many views as are needed, who saw
-- too few persons all the same is told when their views are read in order; pairs of so many views are not worth counting.
WITH large AS (
    SELECT actor, sum("{weight}")::BIGINT AS views
    FROM detect_weights JOIN {actors} USING (client) GROUP BY actor HAVING sum("{weight}") >= $1
),
pairs AS (
    SELECT DISTINCT actor, person
    FROM detect_views JOIN {actors} USING (client) SEMI JOIN (FROM large WHERE views < 16 * $1) AS few USING (actor)
    WHERE {counted}
),
enough AS (SELECT actor FROM pairs GROUP BY actor HAVING count(*) >= $1)
SELECT actor, views FROM large WHERE views >= 16 * $1 OR actor IN (FROM enough) ORDER BY actor
