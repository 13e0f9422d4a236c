-- Through the same place ({place}, which is an address, or any) and user agent, in the same hour of the clock or one beside it, somebody asked for pages of
-- people whom no view ever showed, and was told that there are none: at least one such for every {people} people seen, for who follows links meets a dead
-- one now and then. `known_at` is when so many had been asked for. A view bears the sign where {alike}.
WITH tried AS (
    SELECT {place} AS place, c.agent, t.person, t.time
    FROM tries AS t JOIN detect_clients AS c USING (client)
    ANTI JOIN (SELECT DISTINCT person FROM detect_base WHERE person IS NOT NULL) AS seen ON seen.person = t.person
    WHERE t.status IN (404, 410) AND {known}
),
missed AS (
    SELECT place, agent, hour, list(time ORDER BY time) AS times, row_number() OVER () AS number
    FROM (
        SELECT place, agent, hour, person, min(time) AS time
        FROM (SELECT *, unnest([time // 3600000000 - 1, time // 3600000000, time // 3600000000 + 1]) AS hour FROM tried)
        GROUP BY place, agent, hour, person
    )
    GROUP BY place, agent, hour
),
people AS (
    SELECT m.number, count(DISTINCT v.person) AS people
    FROM (
        SELECT {place} AS place, c.agent, c.person, unnest([c.time // 3600000000 - 1, c.time // 3600000000, c.time // 3600000000 + 1]) AS hour
        FROM detect_base AS c WHERE {known}
    ) AS v
    JOIN missed AS m ON m.place = v.place AND m.agent IS NOT DISTINCT FROM v.agent AND m.hour = v.hour
    GROUP BY m.number
),
many AS (
    SELECT m.place, m.agent, m.hour, m.times[greatest((p.people + {people} - 1) // {people}, 1)] AS known_at
    FROM missed AS m JOIN people AS p USING (number)
    WHERE {people} * len(m.times) >= p.people
)
SELECT c.*, CASE WHEN {known} THEN many.hour IS NOT NULL AND {alike} END AS sign, many.known_at
FROM input AS c
LEFT JOIN many ON many.place = {place} AND many.agent IS NOT DISTINCT FROM c.agent AND many.hour = c.time // 3600000000
