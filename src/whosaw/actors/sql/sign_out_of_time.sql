-- The token or session was issued to this very person, and carried the view after it had ended or before it was issued. Staff and
-- jobs may log in elsewhere: other signs look at them.
SELECT
    input.*,
    CASE
        WHEN {answer} IN (0, 3) OR others.principal IS NOT NULL OR (t.person IS NULL AND s.person IS NULL) THEN NULL
        ELSE {answer} = 2
    END AS sign
FROM input
LEFT JOIN detect_issued_tokens AS t ON t.token = input.token AND t.person = input.person
LEFT JOIN detect_issued_sessions AS s ON s.session = input.session AND s.person = input.person
LEFT JOIN detect_not_customers AS others ON others.principal = input.principal
