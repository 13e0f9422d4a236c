-- How old the session behind each view is, where it is on record, by day and quarters of an hour that have begun. The token's issue goes
-- before the session's.
WITH tokens AS (
    SELECT token, min(time) AS starts FROM logins SEMI JOIN views USING (token) WHERE time IS NOT NULL GROUP BY token
),
sessions AS (
    SELECT session, min(time) AS starts FROM logins SEMI JOIN views USING (session) WHERE time IS NOT NULL GROUP BY session
)
SELECT
    v.day, (greatest(v.time - coalesce(t.starts, s.starts), 0) + $1 - 1) // $1 AS quarters, count(*) AS views
FROM views AS v LEFT JOIN tokens AS t USING (token) LEFT JOIN sessions AS s USING (session)
WHERE coalesce(t.starts, s.starts) IS NOT NULL
GROUP BY ALL ORDER BY ALL
