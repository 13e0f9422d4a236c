-- Views of the scope of clients of whom not every view belongs. `unsure`: why one is not held that would be, were it sure.
SELECT v.content, v.line, v.person, v.client, v.address, v.route, v.micros AS time, v.extra_at_most AS extra, p.part,
    l.held AND v.unsure = 0 AS held, CASE WHEN l.held THEN v.unsure ELSE 0 END AS unsure
FROM views AS v JOIN scope_lines AS l ON l.content = v.content AND l.line = v.line JOIN scope_parts AS p ON p.client = v.client
WHERE NOT v.duplicate
{bare}
