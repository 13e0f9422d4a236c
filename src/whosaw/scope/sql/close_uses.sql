-- Of views of chosen findings that a login explains all the same: whether the session was opened where it is used.
CREATE OR REPLACE TEMP TABLE scope_uses AS
WITH own AS (
    SELECT client, node FROM scope_cast SEMI JOIN scope_opened USING (client) WHERE single
    UNION ALL
    SELECT client, node FROM scope_several SEMI JOIN scope_opened USING (client)
),
counted AS (
    SELECT client FROM own SEMI JOIN scope_whole USING (node) SEMI JOIN borrowing_nodes USING (node)
    SEMI JOIN (SELECT client FROM answers WHERE explained > 0) AS a USING (client)
    UNION ALL
    SELECT v.client FROM scope_found_lines AS l SEMI JOIN borrowing_nodes USING (node)
    JOIN views AS v ON v.content = l.content AND v.line = l.line
    SEMI JOIN (SELECT * FROM answers WHERE explained > 0) AS a ON a.client = v.client AND a.person = v.person AND a.route = v.route
)
SELECT DISTINCT home FROM scope_opened SEMI JOIN counted USING (client)
