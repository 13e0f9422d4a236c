-- Views through a place ({place}: an address, or any) and user agent in an hour of the clock in which, or in one beside it, somebody
-- guessed numbers there: asked for pages of people of whom nobody was seen until the end of the day after, and was told that
-- there are none, each person once; at least one such for every {people} people seen, for who follows links meets a dead one now and
-- then. `known` is when so many had been asked for. A view bears the sign where {alike}; others of {known} lack it.
WITH tried AS (
    SELECT {place} AS place, c.agent, c.person, c.time
    FROM sign_tries AS c LEFT JOIN sign_seen AS s USING (person)
    WHERE c.status IN (404, 410) AND {known} AND c.person IS NOT NULL AND (s.first IS NULL OR s.first > greatest(c.day + 1, {hindsight}))
),
missed AS (
    SELECT place, agent, hour, list(time ORDER BY time) AS times
    FROM (
        SELECT place, agent, hour, person, min(time) AS time
        FROM (SELECT *, unnest([time // 3600000000 - 1, time // 3600000000, time // 3600000000 + 1]) AS hour FROM tried)
        GROUP BY ALL
    )
    GROUP BY place, agent, hour
),
people AS (
    SELECT m.place, m.agent, m.hour, count(DISTINCT v.person) AS people
    FROM (
        SELECT {place} AS place, c.agent, c.person, unnest([c.hour - 1, c.hour, c.hour + 1]) AS hour
        FROM sign_hourly AS c WHERE {known}
    ) AS v
    JOIN missed AS m ON m.place = v.place AND m.agent IS NOT DISTINCT FROM v.agent AND m.hour = v.hour
    GROUP BY ALL
),
many AS (
    SELECT m.place, m.agent, m.hour, m.times[greatest((p.people + {people} - 1) // {people}, 1)] AS known
    FROM missed AS m JOIN people AS p ON p.place = m.place AND p.agent IS NOT DISTINCT FROM m.agent AND p.hour = m.hour
    WHERE {people} * len(m.times) >= p.people
)
SELECT c."row", m.known
FROM sign_views AS c
JOIN many AS m ON m.place = {place} AND m.agent IS NOT DISTINCT FROM c.agent AND m.hour = c.time // 3600000000
WHERE c.day >= {first} - 1 AND {known} AND {alike}
