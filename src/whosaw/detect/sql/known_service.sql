-- 1: a job on record does this, and what was not merely claimed (address or key) agrees. 2: the job is on record,
-- but not from there, not there, or not then. 3: the record names no address or key, so anyone may claim to be it.
WITH slack AS (SELECT ?::BIGINT AS micros),
jobs AS (
    SELECT
        principal,
        list({'address': address, 'key': key, 'route': routes.route, 'since': since, 'until': until,
              'any_route': services.route IS NULL}) AS each
    FROM detect_services AS services LEFT JOIN routes ON routes.id = services.route
    WHERE principal IS NOT NULL GROUP BY principal
),
fitting AS (
    SELECT
        input.*, jobs.principal AS job, slack.micros AS slack,
        list_filter(jobs.each, lambda j:
            (j.address IS NULL OR coalesce(j.address = input.address, false))
            AND (j.key IS NULL OR coalesce(j.key = input.key, false))
            AND (j.any_route OR coalesce(j.route = input.route, false))
            AND (j.since IS NULL OR j.since <= input.time + slack.micros)
            AND (j.until IS NULL OR input.time < j.until + slack.micros)) AS fits
    FROM input CROSS JOIN slack LEFT JOIN jobs ON jobs.principal = input.principal
)
SELECT
    fitting.* EXCLUDE (job, fits, slack),
    CASE
        WHEN NOT given.services THEN 3
        WHEN job IS NULL THEN 0
        WHEN len(list_filter(fits, lambda j: j.address IS NOT NULL OR j.key IS NOT NULL)) > 0 THEN 1
        WHEN len(fits) > 0 THEN 3
        ELSE 2
    END::UTINYINT AS answer
FROM fitting CROSS JOIN detect_given AS given
