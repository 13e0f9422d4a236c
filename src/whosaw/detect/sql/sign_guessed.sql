-- From the same address and user agent, in the same hour of the clock or one beside it, somebody asked for pages of people whom no view ever showed, and
-- was told that there are none: at least one such for every four people seen, for who follows links meets a dead one now and then. `known_at` is when so
-- many had been asked for.
WITH missed AS (
    SELECT address, agent, hour, list(time ORDER BY time) AS times
    FROM (
        SELECT address, agent, hour, person, min(time) AS time
        FROM (
            SELECT c.address, a.number AS agent, t.person, t.time, unnest([t.time // 3600000000 - 1, t.time // 3600000000, t.time // 3600000000 + 1]) AS hour
            FROM tries AS t JOIN clients AS c USING (client) LEFT JOIN detect_agents AS a ON a.agent = c.agent
            ANTI JOIN (SELECT DISTINCT person FROM views WHERE person IS NOT NULL) AS seen ON seen.person = t.person
            WHERE t.status IN (404, 410) AND c.address IS NOT NULL
        )
        GROUP BY address, agent, hour, person
    )
    GROUP BY address, agent, hour
),
agents AS (
    SELECT c.client, c.address, a.number AS agent
    FROM clients AS c LEFT JOIN detect_agents AS a USING (agent) WHERE c.address IN (SELECT address FROM missed)
),
people AS (
    SELECT address, agent, hour, count(DISTINCT person) AS people
    FROM (
        SELECT c.address, c.agent, v.person, unnest([v.hour - 1, v.hour, v.hour + 1]) AS hour
        FROM (SELECT client, person, epoch_us(time) // 3600000000 AS hour FROM views WHERE NOT duplicate) AS v
        JOIN agents AS c USING (client)
    )
    GROUP BY address, agent, hour
),
many AS (
    SELECT m.address, m.agent, m.hour, m.times[greatest((p.people + 3) // 4, 1)] AS known_at
    FROM missed AS m JOIN people AS p ON p.address = m.address AND p.agent IS NOT DISTINCT FROM m.agent AND p.hour = m.hour
    WHERE 4 * len(m.times) >= p.people
)
SELECT
    input.*, CASE WHEN input.address IS NULL THEN NULL ELSE many.hour IS NOT NULL END AS sign, many.known_at
FROM input
LEFT JOIN many ON many.address = input.address AND many.agent IS NOT DISTINCT FROM input.agent AND many.hour = input.time // 3600000000
