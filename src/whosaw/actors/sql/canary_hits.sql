-- Actors that saw planted persons after these were planted, and when they had seen enough of them.
WITH planted AS (
    SELECT person, CASE WHEN bool_or(since IS NULL) THEN NULL ELSE min(since) END AS since
    FROM detect_canaries WHERE person IS NOT NULL GROUP BY person
),
seen AS (
    SELECT actor, v.person, min(v.time) AS first_seen
    FROM {acting} AS v
    JOIN planted ON planted.person = v.person AND (planted.since IS NULL OR v.time >= planted.since)
    WHERE {counted}
    GROUP BY actor, v.person
),
placed AS (
    SELECT
        actor, first_seen, count(*) OVER (PARTITION BY actor) AS most,
        row_number() OVER (PARTITION BY actor ORDER BY first_seen, person) AS place
    FROM seen
)
SELECT actor, first_seen AS reached_at, most FROM placed WHERE place = ? ORDER BY actor
