-- The first view of a day by each client of a person to whom its token or session was issued, by how many whole hours all logins would have
-- to be later: how many are in force only then, and how many no longer.
WITH
uses AS (
    SELECT day, client, token, session, person, min(time) AS time FROM views
    WHERE person IS NOT NULL AND coalesce(token, session) IS NOT NULL GROUP BY day, client, token, session, person
),
issued AS (
    SELECT token AS pass, true AS is_token, subject AS person, time, ended FROM logins SEMI JOIN uses USING (token)
    UNION ALL SELECT session, false, subject, time, ended FROM logins SEMI JOIN uses USING (session)
),
held AS (
    SELECT pass, is_token, person, min(time) AS starts, CASE WHEN max(ended) >= max(time) THEN max(ended) END AS ends
    FROM issued WHERE person IS NOT NULL GROUP BY pass, is_token, person HAVING min(time) IS NOT NULL
),
own AS (
    SELECT u.day, u.client, u.person, u.time, h.starts, h.ends FROM uses AS u JOIN held AS h ON h.is_token AND h.pass = u.token AND h.person = u.person
    UNION ALL
    SELECT u.day, u.client, u.person, u.time, h.starts, h.ends FROM uses AS u JOIN held AS h ON NOT h.is_token AND h.pass = u.session AND h.person = u.person
),
fitting AS (
    SELECT day, client, person, list_distinct(flatten(list(range(
        greatest(coalesce(ceil((time - $1 - ends) / 3600000000), -$2), -$2)::BIGINT,
        least(floor((time + $1 - starts) / 3600000000), $2)::BIGINT + 1)))) AS fits
    FROM own GROUP BY day, client, person
),
shifts AS (SELECT unnest(range(-$2::BIGINT, $2::BIGINT + 1)) AS hours)
SELECT
    day, hours,
    count(*) FILTER (NOT list_contains(fits, 0) AND list_contains(fits, hours)) AS gained,
    count(*) FILTER (list_contains(fits, 0) AND NOT list_contains(fits, hours)) AS lost,
    count(*) AS uses
FROM fitting CROSS JOIN shifts GROUP BY day, hours ORDER BY day, hours
