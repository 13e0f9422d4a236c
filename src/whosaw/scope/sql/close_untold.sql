-- Whether findings of the actor count a view that no record proves and of which none can tell whether it is explained.
WITH every AS (
    SELECT k.client FROM scope_cast AS k SEMI JOIN chosen_nodes USING (node) WHERE k.whole
    UNION
    SELECT client FROM scope_several SEMI JOIN chosen_nodes USING (node)
),
counted AS (
    SELECT v.content, v.line, v.person, v.client, v.route
    FROM scope_found_lines AS l SEMI JOIN chosen_nodes USING (node) JOIN views AS v ON v.content = l.content AND v.line = l.line
    ANTI JOIN scope_proof_lines AS p ON p.content = l.content AND p.line = l.line
),
open AS (
    SELECT client FROM answers SEMI JOIN every USING (client) WHERE cannot_tell > 0
    UNION ALL
    SELECT client FROM counted JOIN answers AS a USING (person, client, route) WHERE a.cannot_tell > 0
    UNION ALL
    SELECT v.client FROM scope_told AS t JOIN views AS v ON v.content = t.content AND v.line = t.line
    WHERE t.person IS NULL AND t.answer = 3
        AND (v.client IN (SELECT client FROM every) OR (v.content, v.line) IN (SELECT (content, line) FROM counted))
)
SELECT 1 FROM open ANTI JOIN scope_proven USING (client) LIMIT 1
