UNION ALL
SELECT v.content, v.line, v.person, v.client, v.address, v.route, v.time, v.extra, v.part, false, 0
FROM (
    SELECT v.content, v.line, v.person, v.client, v.address, v.route, v.micros AS time, v.extra_at_most AS extra, p.part
    FROM views AS v SEMI JOIN scope_possible AS o ON o.client = v.client
    ANTI JOIN (SELECT client FROM scope_parts WHERE whole) AS w ON w.client = v.client
    ANTI JOIN scope_lines AS l ON l.content = v.content AND l.line = v.line
    ANTI JOIN scope_found_lines AS f ON f.content = v.content AND f.line = v.line
    ANTI JOIN scope_whole_clients AS x ON x.client = v.client
    JOIN scope_parts AS p ON p.client = v.client
    WHERE NOT v.duplicate
) AS v
