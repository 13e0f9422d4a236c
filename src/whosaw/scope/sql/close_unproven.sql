-- Held views that no record proves by itself, and persons of whom no view is proven. What links joined to a client that is proven is not
-- proven with it.
WITH held AS (
    SELECT s.person,
        l.line IS NOT NULL OR (p.client IS NOT NULL AND o.line IS NULL) AS proven
    FROM scope_views AS s
    LEFT JOIN scope_proven AS p ON p.client = s.client
    LEFT JOIN (SELECT DISTINCT content, line FROM scope_proof_lines) AS l ON l.content = s.content AND l.line = s.line
    LEFT JOIN (SELECT DISTINCT content, line FROM scope_loose SEMI JOIN scope_proven USING (client)) AS o
        ON o.content = s.content AND o.line = s.line
    WHERE s.held
)
SELECT
    count(*) FILTER (NOT proven) AS views,
    count(*) FILTER (NOT proven AND person IS NULL)
        + (SELECT count(*) FROM (SELECT person FROM held WHERE person IS NOT NULL GROUP BY person HAVING NOT bool_or(proven))) AS persons
FROM held
