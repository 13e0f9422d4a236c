-- 1: a job on record does this, at this hour, and what was not merely claimed (address, network or key) agrees. 2: the job is on record,
-- but not from there, not there, or not then. 3: the record names none of these, so anyone may claim to be it. 0: it is no job. A record
-- without a name is met by its key, or where the log names nobody by where it calls from. A key or route of -1 is one that no log has.
WITH
rows_of AS (
    SELECT
        principal,
        CASE WHEN principal IS NULL THEN "key" END AS by_key,
        CASE WHEN principal IS NULL AND "key" IS NULL THEN address END AS by_address,
        CASE WHEN principal IS NULL AND "key" IS NULL AND address IS NULL THEN network END AS by_network,
        {'address': address, 'network': network, 'key': "key", 'route': route, 'since': since, 'until': until,
         'runs_from': 60000000 * coalesce(runs_from, 0), 'runs_until': 60000000 * coalesce(runs_until, 1440),
         'days': coalesce(days, 127), 'any_time': runs_from IS NULL AND runs_until IS NULL AND days IS NULL} AS job
    FROM services
),
jobs AS (SELECT principal, list(job) AS each FROM rows_of WHERE principal IS NOT NULL GROUP BY principal),
keyed AS (SELECT by_key, list(job) AS each FROM rows_of WHERE by_key >= 0 GROUP BY by_key),
called AS (SELECT by_address, list(job) AS each FROM rows_of WHERE by_address >= 0 GROUP BY by_address),
lying AS (SELECT by_network, list(job) AS each FROM rows_of WHERE by_network >= 0 GROUP BY by_network),
met AS (
    SELECT
        v.*, coalesce(jobs.each, keyed.each, CASE WHEN v.principal IS NULL AND v."key" IS NULL THEN coalesce(called.each, lying.each) END) AS jobs
    FROM views AS v
    LEFT JOIN jobs ON jobs.principal = v.principal LEFT JOIN keyed ON keyed.by_key = v."key"
    LEFT JOIN called ON called.by_address = v.address LEFT JOIN lying ON lying.by_network = v.network
),
placed AS (
    SELECT
        met.*,
        -- microseconds since a Monday began, on the clock on the wall; 1970 began on a Thursday
        CASE WHEN jobs IS NULL THEN NULL ELSE
            (met.time + list_last(list_filter(wall.changes, lambda w: w.since <= met.time)).ahead + 3 * 86400000000)
            % 604800000000 END AS week
    FROM met CROSS JOIN (SELECT list({'since': since, 'ahead': ahead} ORDER BY since) AS changes FROM wall) AS wall
),
fitting AS (
    SELECT
        placed.place, jobs IS NOT NULL AS job,
        list_filter(jobs, lambda j:
            (j.address IS NULL OR coalesce(j.address = placed.address, false))
            AND (j.network IS NULL OR coalesce(j.network = placed.network, false))
            AND (j.key IS NULL OR coalesce(j.key = placed."key", false))
            AND (j.route IS NULL OR coalesce(j.route = placed.route, false))
            AND (j.since IS NULL OR j.since <= placed.time + $1)
            AND (j.until IS NULL OR placed.time < j.until + $1)
            -- how long after its run began on that day (or the day before, over midnight) the view came
            AND (j.any_time OR len(list_filter(range(0, 7), lambda d: (j.days >> d) & 1 = 1
                AND (placed.week - d * 86400000000 - j.runs_from + $1 + 604800000000) % 604800000000
                    < (j.runs_until - j.runs_from + 86400000000) % 86400000000
                      + CASE WHEN j.runs_until - j.runs_from IN (0, 86400000000) THEN 86400000000 ELSE 0 END
                      + 2 * $1)) > 0)) AS fits
    FROM placed
)
SELECT
    CASE
        WHEN NOT (SELECT services FROM given) THEN 3
        WHEN NOT job THEN 0
        WHEN len(list_filter(fits, lambda j: j.address IS NOT NULL OR j.network IS NOT NULL OR j.key IS NOT NULL)) > 0 THEN 1
        WHEN len(fits) > 0 THEN 3
        ELSE 2
    END::UTINYINT AS answer
FROM fitting ORDER BY place
