-- Views of visits that did little and nothing but ask for people, around a time at which such visits guessed numbers, each a
-- few and wherever they were: in the hour of the view, the nine before it and the eight after it pages were asked for of people
-- of whom nobody was seen until the end of the day after, each once, and there were none; at least one such for every {people} people whom such
-- visits saw. `known` is when so many had been asked for. Who tries many numbers in one place says nothing of others. Only of what
-- has a user agent: a program that speaks to a database does nothing else.
WITH tried AS (
    SELECT c.person, c.time, c.time // 3600000000 AS hour
    FROM sign_tries AS c LEFT JOIN sign_seen AS s USING (person)
    WHERE c.status IN (404, 410) AND c.tries <= 10 AND c.little AND c.person IS NOT NULL
        AND (s.first IS NULL OR s.first > greatest(c.day + 1, {hindsight}))
),
missed AS (
    SELECT hour, list(time ORDER BY time) AS times
    FROM (
        SELECT hour, person, min(time) AS time
        FROM (SELECT person, time, unnest(range(hour - 8, hour + 10)) AS hour FROM tried) GROUP BY hour, person
    )
    GROUP BY hour
),
-- somebody seen in an hour is seen around those from eight before it to nine after it: each such hour counts once
spans AS (
    SELECT
        greatest(hour - 8, coalesce(lag(hour) OVER (PARTITION BY person ORDER BY hour) + 10, hour - 8)) AS since, hour + 10 AS until
    FROM (SELECT DISTINCT c.person, c.time // 3600000000 AS hour FROM sign_views AS c WHERE c.person IS NOT NULL AND c.day >= {first} - 2 AND c.little)
),
moves AS (
    SELECT hour, sum(move) AS move
    FROM (SELECT since AS hour, 1 AS move FROM spans UNION ALL SELECT until, -1 FROM spans) GROUP BY hour
),
people AS (SELECT hour, (sum(move) OVER (ORDER BY hour))::BIGINT AS people FROM moves),
many AS (
    SELECT m.hour, m.times[greatest((p.people + {people} - 1) // {people}, 1)] AS known
    FROM missed AS m ASOF JOIN people AS p ON m.hour >= p.hour
    WHERE p.people > 0 AND {people} * len(m.times) >= p.people
)
SELECT c."row", CASE WHEN c.agent IS NOT NULL THEN m.hour IS NOT NULL AND c.little END AS sign, m.known
FROM sign_views AS c LEFT JOIN many AS m ON m.hour = c.time // 3600000000
WHERE c.day >= {first} - 1
