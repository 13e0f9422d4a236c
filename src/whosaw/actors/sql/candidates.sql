-- Actors whose distinct persons over the whole time may reach the smallest threshold; nobody else can in a window. Numbers of
-- views rule most actors out before any person is looked at. Of those with many times as many views as are needed, who saw
-- too few persons all the same is told when their views are read in order; pairs of so many views are not worth counting.
WITH large AS (
    SELECT actor, count(*) AS views FROM {acting} WHERE {counted} GROUP BY actor HAVING count(*) >= $1
),
pairs AS (
    SELECT DISTINCT actor, person
    FROM {acting} SEMI JOIN (FROM large WHERE views < 16 * $1) AS few USING (actor)
    WHERE {counted}
),
enough AS (SELECT actor FROM pairs GROUP BY actor HAVING count(*) >= $1)
SELECT actor, views FROM large WHERE views >= 16 * $1 OR actor IN (FROM enough) ORDER BY actor
