-- The few visits that were on more than two pages about people, with the order in which they opened them.
CREATE OR REPLACE TEMP TABLE detect_longer AS
WITH steps AS (
    SELECT visit, route, min(time) AS first
    FROM (
        SELECT {visit} AS visit, v.route, epoch_us(v.time) AS time
        FROM views AS v JOIN detect_clients AS c USING (client) WHERE NOT v.duplicate AND v.route IS NOT NULL
    ) SEMI JOIN (SELECT visit FROM detect_visits WHERE pages > 2) AS longer USING (visit)
    GROUP BY visit, route
)
SELECT visit, string_agg(id, ' > ' ORDER BY first, route) AS way FROM steps JOIN routes USING (route) GROUP BY visit
