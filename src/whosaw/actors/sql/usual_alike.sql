-- Of the people who were seen as each wanted actor's were, at addresses of three or more where at least as many do otherwise: how many bear
-- the sign, and how many there are.
WITH known AS (
    SELECT address, v.client, coalesce(v.person, u.person)::BIGINT AS who, bool_or({sign}) AS signed, bool_or(NOT {sign}) AS others
    FROM detect_views AS v LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE {sign} IS NOT NULL AND address IS NOT NULL GROUP BY address, v.client, who
),
honest AS (
    SELECT address FROM known GROUP BY address
    HAVING count(DISTINCT who) >= 3 AND count(DISTINCT who) FILTER (others) >= count(DISTINCT who) FILTER (signed)
)
SELECT actor, count(DISTINCT who) FILTER (signed) AS signed, count(DISTINCT who) AS people
FROM known JOIN {actors} USING (client) SEMI JOIN wanted_actors USING (actor) SEMI JOIN honest USING (address)
GROUP BY actor
