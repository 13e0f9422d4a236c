-- Views from an address and user agent through which in the same hour of the clock, or one beside it, at least {failures} requests that
-- showed no token were refused (401), where `people` is how many people were seen; in the 24 hours up to the end of that hour at
-- least as many as people, for behind an address that thousands share one who keeps failing in a quiet hour is no news. `known` is when
-- so many had been refused: failures after the view count, too.
WITH refused AS (
    SELECT address, agent, time, time // 3600000000 AS hour FROM sign_tries
    WHERE status = 401 AND token IS NULL AND address IS NOT NULL
),
around AS (
    SELECT address, agent, hour, list(time ORDER BY time) AS times
    FROM (SELECT address, agent, time, unnest([hour - 1, hour, hour + 1]) AS hour FROM refused)
    GROUP BY address, agent, hour HAVING count(*) > 1
),
people AS (
    SELECT address, agent, hour, count(DISTINCT person) AS people
    FROM (
        SELECT address, agent, person, unnest([hour - 1, hour, hour + 1]) AS hour
        FROM sign_hourly WHERE address IN (SELECT address FROM around)
    )
    GROUP BY address, agent, hour
),
likely AS (
    SELECT a.address, a.agent, a.hour, a.times, a.times[{failures}] AS known
    FROM around AS a JOIN people AS p ON p.address = a.address AND p.agent IS NOT DISTINCT FROM a.agent AND p.hour = a.hour
    WHERE len(a.times) >= {failures}
),
refused_before AS (
    SELECT a.address, a.agent, a.hour, count(*) AS times
    FROM likely AS a JOIN refused AS r
        ON r.address = a.address AND r.agent IS NOT DISTINCT FROM a.agent AND r.hour BETWEEN a.hour - 23 AND a.hour
    GROUP BY ALL
),
people_before AS (
    SELECT a.address, a.agent, a.hour, count(DISTINCT h.person) AS people
    FROM likely AS a JOIN sign_hourly AS h
        ON h.address = a.address AND h.agent IS NOT DISTINCT FROM a.agent AND h.hour BETWEEN a.hour - 23 AND a.hour
    GROUP BY ALL
),
many AS (
    SELECT a.address, a.agent, a.hour, a.known
    FROM likely AS a
    LEFT JOIN refused_before AS r ON r.address = a.address AND r.agent IS NOT DISTINCT FROM a.agent AND r.hour = a.hour
    LEFT JOIN people_before AS p ON p.address = a.address AND p.agent IS NOT DISTINCT FROM a.agent AND p.hour = a.hour
    WHERE greatest(coalesce(r.times, 0), len(a.times)) >= coalesce(p.people, 0)
)
SELECT c."row", m.known
FROM sign_views AS c JOIN many AS m ON m.address = c.address AND m.agent IS NOT DISTINCT FROM c.agent AND m.hour = c.time // 3600000000
WHERE c.day >= {first} - 1 AND c.person IS NOT NULL
