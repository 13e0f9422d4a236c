-- The token or session was issued, but to somebody else than the person whose data this view carried. Staff and jobs read
-- other people with tokens of their own: they are looked at by other signs. Where it cannot be told who is staff, only a
-- token that was issued to somebody whose data are held counts.
WITH owned AS (
    SELECT token, NULL::BIGINT AS session FROM detect_issued_tokens WHERE person >= 0 GROUP BY token
    UNION ALL SELECT NULL, session FROM detect_issued_sessions WHERE person >= 0 GROUP BY session
)
SELECT
    input.*,
    CASE
        WHEN {answer} IN (0, 3) OR input.person IS NULL OR others.principal IS NOT NULL THEN NULL
        WHEN (input.principal IS NULL OR NOT given.staff) AND a.token IS NULL AND b.session IS NULL THEN NULL
        ELSE {answer} = 2 AND t.person IS NULL AND s.person IS NULL
    END AS sign
FROM input CROSS JOIN detect_given AS given
LEFT JOIN detect_issued_tokens AS t ON t.token = input.token AND t.person = input.person
LEFT JOIN detect_issued_sessions AS s ON s.session = input.session AND s.person = input.person
LEFT JOIN owned AS a ON a.token = input.token
LEFT JOIN owned AS b ON b.session = input.session
LEFT JOIN detect_not_customers AS others ON others.principal = input.principal
