-- Views that findings of the actor count for nothing but what else was seen there, in networks in which others live.
CREATE OR REPLACE TEMP TABLE scope_in_company AS
WITH sure AS (SELECT node FROM chosen_nodes WHERE sure),
mine AS (SELECT * FROM scope_marked SEMI JOIN sure USING (node) WHERE standing = 1),
asked AS (
    SELECT v.content, v.line, v.client FROM views AS v SEMI JOIN mine USING (client) JOIN clients AS c USING (client)
    SEMI JOIN lived_places AS l ON l.network = coalesce(c.network, -1) WHERE NOT v.duplicate
),
each AS (
    SELECT a.content, a.line, a.client, n.node
    FROM asked AS a JOIN counted AS c ON c.content = a.content AND c.line = a.line JOIN scope_nodes AS n ON n.finding = c.finding
    SEMI JOIN sure AS k ON k.node = n.node
),
told AS (
    SELECT e.content, e.line, e.client, w.node IS NOT NULL OR l.node IS NOT NULL AS company
    FROM each AS e
    LEFT JOIN (SELECT DISTINCT node, client FROM mine WHERE line IS NULL) AS w ON w.node = e.node AND w.client = e.client
    LEFT JOIN (SELECT DISTINCT node, content, line FROM mine WHERE line IS NOT NULL) AS l
        ON l.node = e.node AND l.content = e.content AND l.line = e.line
)
SELECT content, line FROM told GROUP BY content, line HAVING bool_and(company)
