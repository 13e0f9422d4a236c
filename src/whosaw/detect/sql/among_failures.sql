-- Address, user agent and hour of the clock in which, or in one beside it, at least {failures} requests that showed no token were refused (401),
-- where `people` is how many people were seen. `known_at` is when so many had been refused.
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
WHERE len(a.times) >= {failures}
