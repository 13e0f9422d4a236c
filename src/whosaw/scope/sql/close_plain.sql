-- Lines that a finding of the actor would count without any record, where it is asked.
CREATE OR REPLACE TEMP TABLE scope_plain AS
WITH sure AS (SELECT node FROM chosen_nodes SEMI JOIN unasked_nodes USING (node) WHERE sure),
marked AS (
    SELECT node, content, line FROM scope_marked SEMI JOIN sure USING (node) WHERE line IS NOT NULL
    UNION ALL
    SELECT m.node, v.content, v.line FROM (SELECT node, client FROM scope_marked SEMI JOIN sure USING (node) WHERE line IS NULL) AS m
    JOIN views AS v ON v.client = m.client WHERE NOT v.duplicate
)
SELECT DISTINCT c.content, c.line FROM counted AS c JOIN scope_nodes AS n ON n.finding = c.finding SEMI JOIN sure AS s ON s.node = n.node
ANTI JOIN marked AS m ON m.node = n.node AND m.content = c.content AND m.line = c.line
WHERE {asked}
