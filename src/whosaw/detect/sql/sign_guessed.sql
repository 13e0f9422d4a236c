-- Through the same place ({place}, which is an address, or any) and user agent, in the same hour of the clock or one beside it, somebody asked for pages of
-- people whom no view ever showed, and was told that there are none: at least one such for every {people} people seen, for who follows links meets a dead
-- one now and then. `known_at` is when so many had been asked for. A view bears the sign where {alike}.
WITH missed AS (
    SELECT place, agent, hour, list(time ORDER BY time) AS times
    FROM (
        SELECT place, agent, hour, person, min(time) AS time
        FROM (
            SELECT {place} AS place, a.number AS agent, t.person, t.time, unnest([t.time // 3600000000 - 1, t.time // 3600000000, t.time // 3600000000 + 1]) AS hour
            FROM tries AS t JOIN clients AS c USING (client) LEFT JOIN detect_agents AS a ON a.agent = c.agent
            ANTI JOIN (SELECT DISTINCT person FROM views WHERE person IS NOT NULL) AS seen ON seen.person = t.person
            WHERE t.status IN (404, 410) AND {known}
        )
        GROUP BY place, agent, hour, person
    )
    GROUP BY place, agent, hour
),
agents AS (
    SELECT c.client, {place} AS place, a.number AS agent
    FROM clients AS c LEFT JOIN detect_agents AS a USING (agent) WHERE {place} IN (SELECT place FROM missed)
),
people AS (
    SELECT place, agent, hour, count(DISTINCT person) AS people
    FROM (
        SELECT c.place, c.agent, v.person, unnest([v.hour - 1, v.hour, v.hour + 1]) AS hour
        FROM (SELECT client, person, epoch_us(time) // 3600000000 AS hour FROM views WHERE NOT duplicate) AS v
        JOIN agents AS c USING (client)
    )
    GROUP BY place, agent, hour
),
many AS (
    SELECT m.place, m.agent, m.hour, m.times[greatest((p.people + {people} - 1) // {people}, 1)] AS known_at
    FROM missed AS m JOIN people AS p ON p.place = m.place AND p.agent IS NOT DISTINCT FROM m.agent AND p.hour = m.hour
    WHERE {people} * len(m.times) >= p.people
),
bare AS (
    SELECT client FROM activity AS a LEFT JOIN (SELECT client, count(*) AS tries FROM tries GROUP BY client) AS t USING (client)
    WHERE a.events <= a.views + coalesce(t.tries, 0)
)
SELECT c.*, CASE WHEN {known} THEN many.hour IS NOT NULL AND {alike} END AS sign, many.known_at
FROM input AS c
LEFT JOIN many ON many.place = {place} AND many.agent IS NOT DISTINCT FROM c.agent AND many.hour = c.time // 3600000000
