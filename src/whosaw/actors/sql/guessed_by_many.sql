-- By span of {slot} microseconds: when people whom no view ever showed were asked for in it or in one beside it, each once, by clients
-- that did little ({little}) and nothing but ask for people, and were told that there are none. Where there was at least one such for every {people} people
-- whom such clients saw; `known_at` is when so many had been asked for. Who tries many numbers in one place says nothing of others.
CREATE OR REPLACE TEMP TABLE {table} AS
WITH few AS (SELECT client, count(*) AS tries FROM tries GROUP BY client),
missed AS (
    SELECT person, slot, min(time) AS time
    FROM (
        SELECT t.person, t.time, unnest([t.time // {slot} - 1, t.time // {slot}, t.time // {slot} + 1]) AS slot
        FROM tries AS t JOIN few USING (client) JOIN detect_clients AS c USING (client)
        ANTI JOIN (SELECT DISTINCT person FROM detect_hourly WHERE person IS NOT NULL) AS seen ON seen.person = t.person
        WHERE t.status IN (404, 410) AND few.tries <= 10 AND {little}
    )
    GROUP BY person, slot
),
times AS (SELECT slot, list(time ORDER BY time) AS times FROM missed GROUP BY slot),
people AS (
    SELECT slot, count(DISTINCT person) AS people
    FROM (
        SELECT v.person, unnest([v.time // {slot} - 1, v.time // {slot}, v.time // {slot} + 1]) AS slot
        FROM detect_told AS v SEMI JOIN (SELECT client FROM detect_clients AS c WHERE {little}) AS brief USING (client)
        WHERE v.person IS NOT NULL
    )
    GROUP BY slot
)
SELECT slot, times[greatest((people + {people} - 1) // {people}, 1)] AS known_at
FROM times JOIN people USING (slot) WHERE {people} * len(times) >= people
