-- Views that findings of the actor count for nothing but what else was seen there, or, where others live, for being one of many.
CREATE OR REPLACE TEMP TABLE scope_in_company AS
WITH sure AS (SELECT node FROM chosen_nodes WHERE sure),
mine AS (
    SELECT m.* FROM scope_marked AS m SEMI JOIN sure USING (node) JOIN clients AS c USING (client)
    WHERE m.standing = 1 OR (m.standing = 3 AND coalesce(c.network, -1) IN (SELECT network FROM lived_places))
),
asked AS (SELECT v.content, v.line, v.client FROM views AS v SEMI JOIN mine USING (client) WHERE NOT v.duplicate),
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
