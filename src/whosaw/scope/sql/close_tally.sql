-- By client: how many of its views a finding counts, and what the others are. A view of several findings is one view. `first` and
-- `last` are there where findings count every view of the client.
CREATE OR REPLACE TEMP TABLE scope_tally AS
WITH rows AS (
    SELECT v.client, count(*) AS held, 0 AS unexplained, 0 AS cannot_tell, 0 AS explained, min(v.micros) AS first, max(v.micros) AS last
    FROM views AS v SEMI JOIN scope_whole_clients AS w ON w.client = v.client WHERE NOT v.duplicate GROUP BY v.client
    UNION ALL
    SELECT * FROM (
        SELECT
            client, sum(held)::BIGINT AS held, sum(unexplained)::BIGINT AS unexplained,
            sum(cannot_tell)::BIGINT AS cannot_tell, sum(explained)::BIGINT AS explained, NULL::BIGINT AS first, NULL::BIGINT AS last
        FROM (
            SELECT v.client, count(*) AS held, 0 AS unexplained, 0 AS cannot_tell, 0 AS explained
            FROM views AS v SEMI JOIN scope_found_lines AS l ON l.content = v.content AND l.line = v.line
            ANTI JOIN scope_whole_clients AS w ON w.client = v.client
            WHERE NOT v.duplicate GROUP BY v.client
            UNION ALL
            SELECT client, 0, count(*) FILTER (answer = 2), count(*) FILTER (answer = 3), 0 FROM scope_loose GROUP BY client
            UNION ALL
            SELECT client, 0, 0, 0, views FROM scope_explained
        ) GROUP BY client
    )
)
SELECT client, held::BIGINT AS held, unexplained::BIGINT AS unexplained, cannot_tell::BIGINT AS cannot_tell,
    explained::BIGINT AS explained, first, last
FROM rows;
