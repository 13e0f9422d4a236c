-- Explained views by client that no finding counts all the same: exposures all of whose views are explained, less those of
-- them that a finding counts, and single views.
CREATE OR REPLACE TEMP TABLE scope_explained AS
WITH each AS (
    SELECT client, sum(explained)::BIGINT AS views FROM scope_cells WHERE answer = 1 GROUP BY client
    UNION ALL
    SELECT v.client, -count(*) FROM views AS v SEMI JOIN scope_found_lines AS l ON l.content = v.content AND l.line = v.line
    SEMI JOIN (SELECT * FROM scope_cells WHERE answer = 1) AS c ON c.person = v.person AND c.client = v.client AND c.route = v.route
    WHERE NOT v.duplicate GROUP BY v.client
    UNION ALL
    SELECT client, count(*) FROM scope_single WHERE answer = 1 GROUP BY client
)
SELECT client, sum(views)::BIGINT AS views FROM each GROUP BY client HAVING sum(views) > 0;
