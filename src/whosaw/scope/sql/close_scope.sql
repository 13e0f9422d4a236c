-- What counting reads. Views of a client of whom every view belongs are not listed one by one: there may be hundreds of millions.
CREATE OR REPLACE TEMP TABLE scope_parts AS
WITH asked AS (
    SELECT client, agent, tls, whole, held FROM scope_reach
    UNION ALL
    SELECT o.client, o.agent, o.tls, false, false FROM scope_outside AS o SEMI JOIN scope_possible USING (client)
    WHERE o.client NOT IN (SELECT client FROM scope_reach SEMI JOIN scope_possible USING (client))
)
SELECT a.client, coalesce(k.part, 0) AS part, a.whole, a.held FROM asked AS a
LEFT JOIN scope_looks AS k ON k.agent IS NOT DISTINCT FROM a.agent AND k.tls IS NOT DISTINCT FROM a.tls;
CREATE OR REPLACE TEMP VIEW scope_clients AS SELECT client, part, whole AS all_views FROM scope_parts WHERE held;
CREATE OR REPLACE TEMP VIEW scope_views AS
SELECT v.content, v.line, v.person, v.client, v.route, v.micros AS time, v.extra_at_most AS extra, w.part, w.held
FROM views AS v JOIN scope_parts AS w USING (client) WHERE w.whole AND NOT v.duplicate
UNION ALL
SELECT v.content, v.line, v.person, v.client, v.route, v.micros, v.extra_at_most, p.part, l.held
FROM views AS v JOIN scope_lines AS l ON l.content = v.content AND l.line = v.line JOIN scope_parts AS p ON p.client = v.client
WHERE NOT v.duplicate
{bare};
