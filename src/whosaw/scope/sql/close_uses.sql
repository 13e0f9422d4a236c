-- Of views of chosen findings that their own login explains all the same: whether the session was opened where it is used. What a household
-- or a ticket explains says nothing of whose hands a login was in.
CREATE OR REPLACE TEMP TABLE scope_uses AS
WITH own AS (
    SELECT client, node FROM scope_cast SEMI JOIN scope_opened USING (client) WHERE single
    UNION ALL
    SELECT client, node FROM scope_several SEMI JOIN scope_opened USING (client)
),
counted AS (
    SELECT a.client, a.person FROM answers AS a SEMI JOIN (
        SELECT client FROM own SEMI JOIN scope_whole USING (node) SEMI JOIN borrowing_nodes USING (node)
    ) AS o ON o.client = a.client
    WHERE a.explained > 0
    UNION
    SELECT v.client, v.person FROM scope_found_lines AS l SEMI JOIN borrowing_nodes USING (node)
    JOIN views AS v ON v.content = l.content AND v.line = l.line
    SEMI JOIN (SELECT * FROM answers WHERE explained > 0) AS a ON a.client = v.client AND a.person = v.person AND a.route = v.route
),
bearing AS (SELECT client, person, token, session FROM counted JOIN clients USING (client)),
used AS (
    SELECT b.client FROM bearing AS b SEMI JOIN close_logins AS l ON l.token = b.token AND l.subject = b.person
    UNION
    SELECT b.client FROM bearing AS b SEMI JOIN close_logins AS l ON l.session = b.session AND l.subject = b.person
)
SELECT DISTINCT home FROM scope_opened SEMI JOIN used USING (client)
