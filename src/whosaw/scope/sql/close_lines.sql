-- Lines of clients of whom not every view belongs: those that a chosen finding counts, joined ones, and possible ones. Proven
-- lines are held wherever they come from.
CREATE OR REPLACE TEMP TABLE scope_lines AS
WITH each AS (
    SELECT v.content, v.line, r.held OR ({but_proven} AND n.sure AND p.line IS NOT NULL) AS held
    FROM scope_found_lines AS l JOIN chosen_nodes AS n USING (node)
    LEFT JOIN scope_proof_lines AS p ON p.node = l.node AND p.content = l.content AND p.line = l.line
    JOIN views AS v ON v.content = l.content AND v.line = l.line
    JOIN scope_reach AS r ON r.client = v.client WHERE NOT r.whole AND NOT v.duplicate
    UNION ALL
    SELECT l.content, l.line, r.held FROM scope_loose AS l JOIN scope_reach AS r USING (client) WHERE r.joined AND NOT r.whole
    UNION ALL
    SELECT l.content, l.line, false FROM scope_loose AS l SEMI JOIN scope_possible USING (client)
    LEFT JOIN scope_reach AS r USING (client) WHERE {recorded} AND NOT coalesce(r.whole OR r.joined, false)
    UNION ALL
    SELECT content, line, false FROM scope_borrowed_lines
)
SELECT content, line, bool_or(held) AS held FROM each GROUP BY content, line;
