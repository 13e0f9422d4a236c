-- The most views, and the most persons, that so many of the clients at risk made.
WITH each AS (
    SELECT s.client, count(*) AS views, count(DISTINCT s.person) + count(*) FILTER (s.person IS NULL) AS persons
    FROM scope_views AS s JOIN clients AS c USING (client)
    SEMI JOIN risky_places AS r ON r.network = coalesce(c.network, -1)
    ANTI JOIN scope_proven AS p ON p.client = s.client
    ANTI JOIN scope_proof_lines AS l ON l.content = s.content AND l.line = s.line
    WHERE s.held GROUP BY s.client
)
SELECT
    (SELECT count(*) FROM each) AS clients,
    coalesce((SELECT sum(views) FROM (SELECT views FROM each ORDER BY views DESC LIMIT ?)), 0)::BIGINT AS views,
    coalesce((SELECT sum(persons) FROM (SELECT persons FROM each ORDER BY persons DESC LIMIT ?)), 0)::BIGINT AS persons
