-- Findings that count every view of their clients: as many lines are counted as there are rows of views.
WITH lines AS (SELECT n.node, count(*) AS lines FROM counted JOIN scope_nodes AS n USING (finding) GROUP BY n.node),
rows AS (
    SELECT m.node, count(*) AS views FROM views AS v JOIN scope_members AS m USING (client) WHERE NOT v.duplicate GROUP BY m.node
)
SELECT node FROM lines JOIN rows USING (node) WHERE lines = views ORDER BY node
