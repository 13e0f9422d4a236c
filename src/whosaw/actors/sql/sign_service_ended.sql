-- The job or partner is on record, by its name, by a key of its own or, where the log names nobody, by where it calls from, and
-- none of its contracts was in force.
WITH slack AS (SELECT ?::BIGINT AS micros),
named AS (
    SELECT principal, list({{'since': since, 'until': until}}) AS spans FROM detect_services WHERE principal >= 0 GROUP BY principal
),
keyed AS (
    SELECT "key", list({{'since': since, 'until': until}}) AS spans FROM detect_services WHERE "key" IS NOT NULL GROUP BY "key"
),
called AS (
    SELECT address, list({{'since': since, 'until': until}}) AS spans FROM detect_services WHERE address >= 0 GROUP BY address
),
lying AS (
    SELECT network, list({{'since': since, 'until': until}}) AS spans FROM detect_services WHERE network >= 0 GROUP BY network
),
placed AS (
    SELECT
        input.*,
        coalesce(named.spans, keyed.spans, CASE WHEN input.principal IS NULL AND input."key" IS NULL THEN
            coalesce(called.spans, lying.spans) END) AS spans,
        slack.micros AS slack
    FROM input CROSS JOIN slack
    LEFT JOIN named ON named.principal = input.principal LEFT JOIN keyed ON keyed."key" = input."key"
    LEFT JOIN called ON called.address = input.address LEFT JOIN lying ON lying.network = input.network
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
