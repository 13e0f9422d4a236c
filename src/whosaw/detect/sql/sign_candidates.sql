-- Actors with so many signed people.
WITH rows AS (
    SELECT actor, {sign} AND {counted} AS signed, coalesce(v.person, u.person)::BIGINT AS person
    FROM detect_views AS v JOIN {actors} USING (client)
    LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE {sign} IS NOT NULL
),
enough AS (SELECT actor FROM rows WHERE signed GROUP BY actor HAVING count(DISTINCT person) >= ?)
SELECT actor, count(*) AS views FROM rows SEMI JOIN enough USING (actor) GROUP BY actor ORDER BY actor
