-- Values of the columns of a link that held views share with other views, or that several parties share, with all of these in
-- the order of their numbers. The loose views of joined clients count among the held ones.
WITH rows AS (
    SELECT {columns}, g.held, 0 AS unexplained, 0 AS cannot_tell, 0 AS explained, p.party
    FROM {groups} AS g JOIN node_parties AS p USING (node)
    UNION ALL
    SELECT {columns}, CASE WHEN j.client IS NOT NULL THEN o.unexplained + o.cannot_tell ELSE 0 END,
        CASE WHEN j.client IS NULL THEN o.unexplained ELSE 0 END, CASE WHEN j.client IS NULL THEN o.cannot_tell ELSE 0 END,
        o.explained, p.party
    FROM scope_outside AS o LEFT JOIN scope_joined AS j USING (client) LEFT JOIN scope_party AS p USING (client)
    WHERE {present}
)
SELECT {columns}, sum(held)::BIGINT AS held, sum(unexplained)::BIGINT AS unexplained, sum(cannot_tell)::BIGINT AS cannot_tell,
    sum(explained)::BIGINT AS explained, list_sort(list(DISTINCT party) FILTER (party IS NOT NULL)) AS parties
FROM rows GROUP BY {columns}
HAVING max(party) IS NOT NULL
    AND (sum(explained) + sum(unexplained) + sum(cannot_tell) > 0 OR min(party) <> max(party))
ORDER BY {columns}
