-- How long after its issue each token or session is first used, microseconds: one in a hundred sooner, and half of them. Below zero is a use
-- before the issue, which only clocks can make.
WITH first_used AS (
    SELECT 'token' AS pass, c.token AS number, min(epoch_us(v.time)) AS used
    FROM views AS v JOIN clients AS c USING (client) WHERE c.token IS NOT NULL GROUP BY c.token
    UNION ALL SELECT 'session', c.session, min(epoch_us(v.time))
    FROM views AS v JOIN clients AS c USING (client) WHERE c.session IS NOT NULL GROUP BY c.session
),
issued AS (
    SELECT 'token' AS pass, token AS number, min(time) AS issued FROM given_logins WHERE token >= 0 GROUP BY token
    UNION ALL SELECT 'session', session, min(time) FROM given_logins WHERE session >= 0 GROUP BY session
)
SELECT
    count(*) AS passes,
    quantile_disc(used - issued, 0.01) AS soonest,
    quantile_disc(used - issued, 0.5) AS middle
FROM first_used JOIN issued USING (pass, number) WHERE issued IS NOT NULL
