-- Lines that a finding of the actor would count without any record, where it is asked.
CREATE OR REPLACE TEMP TABLE scope_plain AS
WITH sure AS (SELECT node FROM chosen_nodes SEMI JOIN unasked_nodes USING (node) WHERE sure),
mine AS (
    SELECT m.* FROM scope_marked AS m SEMI JOIN sure USING (node) JOIN clients AS c USING (client)
    WHERE m.standing < 3 OR coalesce(c.network, -1) IN (SELECT network FROM lived_places)
),
marked AS (
    SELECT node, content, line FROM mine WHERE line IS NOT NULL
    UNION ALL
    SELECT m.node, v.content, v.line FROM (SELECT node, client FROM mine WHERE line IS NULL) AS m
    JOIN views AS v ON v.client = m.client WHERE NOT v.duplicate
)
SELECT DISTINCT c.content, c.line FROM counted AS c JOIN scope_nodes AS n ON n.finding = c.finding SEMI JOIN sure AS s ON s.node = n.node
ANTI JOIN marked AS m ON m.node = n.node AND m.content = c.content AND m.line = c.line
WHERE {asked}
