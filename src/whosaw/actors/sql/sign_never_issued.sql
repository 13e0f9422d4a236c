-- Nobody was issued this token or session, where logins would show it. Staff and jobs may log in elsewhere: other signs look
-- at them.
SELECT
    input.*,
    CASE
        WHEN {answer} IN (0, 3) OR others.principal IS NOT NULL THEN NULL
        ELSE {answer} = 4
    END AS sign
FROM input LEFT JOIN detect_not_customers AS others ON others.principal = input.principal
