-- By client of whom no finding counts every view: how many of its views a finding counts, and what the others are. A view of
-- several findings is one view.
CREATE OR REPLACE TEMP TABLE scope_tally AS
SELECT
    client, sum(held)::BIGINT AS held, sum(unexplained)::BIGINT AS unexplained,
    sum(cannot_tell)::BIGINT AS cannot_tell, sum(explained)::BIGINT AS explained
FROM (
    SELECT v.client, count(*) AS held, 0 AS unexplained, 0 AS cannot_tell, 0 AS explained
    FROM views AS v SEMI JOIN scope_found_lines AS l ON l.content = v.content AND l.line = v.line
    ANTI JOIN scope_whole_clients AS w ON w.client = v.client
    WHERE NOT v.duplicate GROUP BY v.client
    UNION ALL
    SELECT client, 0, count(*) FILTER (answer = 2), count(*) FILTER (answer = 3), 0 FROM scope_loose GROUP BY client
    UNION ALL
    SELECT client, 0, 0, 0, views FROM scope_explained
) GROUP BY client;
