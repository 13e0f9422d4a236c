-- Address, user agent and hour of the clock in which, or in one beside it, at least {failures} requests that showed no token were refused (401),
-- where `people` is how many people were seen; on the whole day at least as many as people, for behind an address that thousands share
-- one who keeps failing in a quiet hour is no news. `known_at` is when so many had been refused.
CREATE OR REPLACE TEMP TABLE {table} AS
WITH refused AS (
    SELECT c.address, c.agent, t.time
    FROM tries AS t JOIN detect_clients AS c USING (client)
    WHERE t.status = 401 AND c.token IS NULL AND c.address IS NOT NULL
),
around AS (
    SELECT address, agent, hour, list(time ORDER BY time) AS times
    FROM (
        SELECT *, unnest([time // 3600000000 - 1, time // 3600000000, time // 3600000000 + 1]) AS hour FROM refused
    )
    GROUP BY address, agent, hour HAVING count(*) > 1
),
refused_on AS (SELECT address, agent, time // 86400000000 AS day, count(*) AS times FROM refused GROUP BY address, agent, day),
people_on AS (
    SELECT address, agent, hour // 24 AS day, count(DISTINCT person) AS people
    FROM detect_hourly WHERE address IN (SELECT address FROM around) GROUP BY address, agent, day
),
people AS (
    SELECT address, agent, hour, count(DISTINCT person) AS people
    FROM (
        SELECT address, agent, person, unnest([hour - 1, hour, hour + 1]) AS hour
        FROM detect_hourly WHERE address IN (SELECT address FROM around)
    )
    GROUP BY address, agent, hour
)
SELECT a.address, a.agent, a.hour, a.times[{failures}] AS known_at
FROM around AS a JOIN people AS p ON p.address = a.address AND p.agent IS NOT DISTINCT FROM a.agent AND p.hour = a.hour
JOIN people_on AS d ON d.address = a.address AND d.agent IS NOT DISTINCT FROM a.agent AND d.day = a.hour // 24
LEFT JOIN refused_on AS r ON r.address = a.address AND r.agent IS NOT DISTINCT FROM a.agent AND r.day = a.hour // 24
WHERE len(a.times) >= {failures} AND greatest(r.times, len(a.times)) >= d.people
