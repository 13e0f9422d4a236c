-- Where there was at least one such for every {people} people seen, for who follows links meets a dead one now and then. `known_at` is
-- when so many had been asked for.
CREATE OR REPLACE TEMP TABLE {table} AS
WITH people AS (
    SELECT m.number, count(DISTINCT v.person) AS people
    FROM (
        SELECT {place} AS place, c.agent, c.person, unnest([c.hour - 1, c.hour, c.hour + 1]) AS hour
        FROM detect_hourly AS c WHERE {known}
    ) AS v
    JOIN {table}_missed AS m ON m.place = v.place AND m.agent IS NOT DISTINCT FROM v.agent AND m.hour = v.hour
    GROUP BY m.number
)
SELECT m.place, m.agent, m.hour, m.times[greatest((p.people + {people} - 1) // {people}, 1)] AS known_at
FROM {table}_missed AS m JOIN people AS p USING (number)
WHERE {people} * len(m.times) >= p.people;
DROP TABLE {table}_missed
