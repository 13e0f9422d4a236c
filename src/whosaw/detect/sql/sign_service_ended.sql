-- The job or partner is on record, by its name or by a key of its own, and none of its contracts was in force.
WITH slack AS (SELECT ?::BIGINT AS micros),
named AS (
    SELECT principal, list({{'since': since, 'until': until}}) AS spans FROM detect_services WHERE principal >= 0 GROUP BY principal
),
keyed AS (
    SELECT "key", list({{'since': since, 'until': until}}) AS spans FROM detect_services WHERE "key" IS NOT NULL GROUP BY "key"
),
placed AS (
    SELECT input.*, coalesce(named.spans, keyed.spans) AS spans, slack.micros AS slack
    FROM input CROSS JOIN slack
    LEFT JOIN named ON named.principal = input.principal LEFT JOIN keyed ON keyed."key" = input."key"
)
SELECT
    placed.* EXCLUDE (spans, slack),
    CASE
        WHEN spans IS NULL THEN NULL
        ELSE len(list_filter(spans, lambda s:
            (s.since IS NULL OR s.since <= placed.time + placed.slack)
            AND (s.until IS NULL OR placed.time < s.until + placed.slack))) = 0
    END AS sign
FROM placed
