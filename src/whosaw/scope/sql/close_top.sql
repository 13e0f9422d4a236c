-- The most views, and the most persons, that so many of the clients at risk made; of persons no more than nobody but they saw.
WITH risky AS (
    SELECT s.client, s.person FROM scope_judged AS s JOIN clients AS c USING (client)
    SEMI JOIN risky_places AS r ON r.network = coalesce(c.network, -1)
    ANTI JOIN scope_proven AS p ON p.client = s.client
    ANTI JOIN scope_proof_lines AS l ON l.content = s.content AND l.line = s.line
),
each AS (
    SELECT client, count(*) AS views, count(DISTINCT person) + count(*) FILTER (person IS NULL) AS persons FROM risky GROUP BY client
),
seen AS (
    SELECT person, count(*) AS views FROM scope_judged SEMI JOIN (SELECT DISTINCT person FROM risky) USING (person) GROUP BY person
),
alone AS (
    SELECT r.person FROM (SELECT person, count(*) AS views FROM risky WHERE person IS NOT NULL GROUP BY person) AS r
    JOIN seen AS s ON s.person = r.person AND s.views = r.views
)
SELECT
    (SELECT count(*) FROM each) AS clients,
    coalesce((SELECT sum(views) FROM (SELECT views FROM each ORDER BY views DESC LIMIT ?)), 0)::BIGINT AS views,
    least(
        coalesce((SELECT sum(persons) FROM (SELECT persons FROM each ORDER BY persons DESC LIMIT ?)), 0),
        (SELECT count(*) FROM alone) + (SELECT count(*) FROM risky WHERE person IS NULL)
    )::BIGINT AS persons
