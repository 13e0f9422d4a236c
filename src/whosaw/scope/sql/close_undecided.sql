-- Held views that no finding counts and of which it cannot be told whether they are explained, and the persons of whom no other view is held.
WITH open AS (SELECT DISTINCT content, line FROM scope_loose WHERE answer = 3),
held AS (
    SELECT s.person, o.line IS NOT NULL AS open FROM scope_views AS s
    LEFT JOIN open AS o ON o.content = s.content AND o.line = s.line WHERE s.held
)
SELECT
    count(*) FILTER (open) AS views,
    count(*) FILTER (open AND person IS NULL)
        + (SELECT count(*) FROM (SELECT person FROM held WHERE person IS NOT NULL GROUP BY person HAVING bool_and(open))) AS persons
FROM held
