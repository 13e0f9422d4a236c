-- Views that no finding counts and no record explains, with the answer: 2 unexplained, 3 cannot tell. Exposures whose views
-- have one answer are taken from `answers`, single views from `scope_told`.
CREATE OR REPLACE TEMP TABLE scope_cells AS
SELECT person, client, route, explained, CASE WHEN explained > 0 THEN 1 WHEN unexplained > 0 THEN 2 ELSE 3 END::UTINYINT AS answer
FROM scope_answers WHERE (explained > 0)::INTEGER + (unexplained > 0)::INTEGER + (cannot_tell > 0)::INTEGER = 1;
CREATE OR REPLACE TEMP TABLE scope_single AS
WITH told AS (
    SELECT v.content, v.line, v.person, v.client, t.answer, v.micros
    FROM views AS v JOIN scope_told AS t ON t.content = v.content AND t.line = v.line AND t.person IS NOT DISTINCT FROM v.person
    ANTI JOIN scope_found_lines AS l ON l.content = v.content AND l.line = v.line
    WHERE NOT v.duplicate
),
whole AS (SELECT client FROM scope_whole_clients SEMI JOIN told USING (client))
SELECT told.* FROM told ANTI JOIN whole USING (client);
CREATE OR REPLACE TEMP TABLE scope_loose_rows AS
SELECT v.content, v.line, v.person, v.client, c.answer, v.micros
FROM views AS v JOIN scope_cells AS c USING (person, client, route)
ANTI JOIN scope_found_lines AS l ON l.content = v.content AND l.line = v.line
WHERE NOT v.duplicate AND c.answer > 1
UNION ALL
SELECT * FROM scope_single WHERE answer > 1;
CREATE OR REPLACE TEMP VIEW scope_loose AS SELECT * FROM scope_loose_rows;
