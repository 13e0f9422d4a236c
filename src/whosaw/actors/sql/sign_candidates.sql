-- Actors that may have so many signed people. Of those with many times as many signed views, who has too few people all the
-- same is told when their views are read in order.
WITH large AS (
    SELECT actor, count(*) FILTER ({sign} AND {counted}) AS signed, count(*) AS views
    FROM {acting} WHERE {sign} IS NOT NULL GROUP BY actor HAVING signed >= $1
),
people AS (
    SELECT DISTINCT actor, coalesce(v.person, u.person)::BIGINT AS person
    FROM {acting} AS v
    SEMI JOIN (FROM large WHERE signed < 16 * $1) AS few USING (actor)
    LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE {sign} AND {counted}
),
enough AS (SELECT actor FROM people GROUP BY actor HAVING count(person) >= $1)
SELECT actor, views FROM large WHERE signed >= 16 * $1 OR actor IN (FROM enough) ORDER BY actor
