-- Tokens and sessions that the logs show, and how many of them logins know.
WITH shown AS (
    SELECT DISTINCT 'token' AS pass, token AS number FROM clients WHERE token IS NOT NULL
    UNION ALL SELECT DISTINCT 'session', session FROM clients WHERE session IS NOT NULL
),
known AS (
    SELECT DISTINCT 'token' AS pass, token AS number FROM given_logins WHERE token >= 0
    UNION ALL SELECT DISTINCT 'session', session FROM given_logins WHERE session >= 0
)
SELECT shown.pass, count(*) AS shown, count(known.number) AS known
FROM shown LEFT JOIN known USING (pass, number) GROUP BY shown.pass ORDER BY shown.pass DESC
