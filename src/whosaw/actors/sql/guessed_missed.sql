-- By place ({place}, which is an address, or any), user agent and hour of the clock: when somebody asked in it or in one beside it for pages of
-- people whom no view ever showed, and was told that there are none, each person once.
CREATE OR REPLACE TEMP TABLE {table}_missed AS
WITH tried AS (
    SELECT {place} AS place, c.agent, t.person, t.time
    FROM tries AS t JOIN detect_clients AS c USING (client)
    ANTI JOIN (SELECT DISTINCT person FROM detect_hourly WHERE person IS NOT NULL) AS seen ON seen.person = t.person
    WHERE t.status IN (404, 410) AND {known}
)
SELECT place, agent, hour, list(time ORDER BY time) AS times, row_number() OVER () AS number
FROM (
    SELECT place, agent, hour, person, min(time) AS time
    FROM (SELECT *, unnest([time // 3600000000 - 1, time // 3600000000, time // 3600000000 + 1]) AS hour FROM tried)
    GROUP BY place, agent, hour, person
)
GROUP BY place, agent, hour
