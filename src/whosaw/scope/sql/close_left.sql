-- Views that a finding of the actor counts and that are not held, and the people of whom no view is.
WITH found AS (
    SELECT v.content, v.line, v.person, v.client FROM scope_views AS v
    SEMI JOIN (SELECT k.client FROM scope_cast AS k JOIN chosen_nodes AS n USING (node) WHERE n.sure AND k.whole) AS k USING (client)
    WHERE NOT v.held
    UNION
    SELECT v.content, v.line, v.person, v.client FROM scope_views AS v JOIN scope_found_lines AS l USING (content, line)
    JOIN chosen_nodes AS n USING (node) WHERE n.sure AND NOT v.held
)
SELECT
    count(DISTINCT (f.content, f.line)) AS views,
    count(DISTINCT f.person) FILTER (h.person IS NULL) AS accounts,
    count(DISTINCT c.network) AS networks
FROM found AS f JOIN clients AS c USING (client)
LEFT JOIN (SELECT DISTINCT person FROM scope_views WHERE held AND person IS NOT NULL) AS h ON h.person = f.person
