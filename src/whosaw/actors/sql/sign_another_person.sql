-- The request claims to be one person and reads another. Staff and jobs do so for a living: other signs look at them.
SELECT
    input.*,
    CASE
        WHEN input.person IS NULL OR claims.person IS NULL OR others.principal IS NOT NULL THEN NULL
        ELSE claims.person <> input.person
    END AS sign
FROM input
LEFT JOIN claims ON claims.principal = input.principal
LEFT JOIN detect_not_customers AS others ON others.principal = input.principal
