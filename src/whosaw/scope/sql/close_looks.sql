-- scope_spans: held views of each client, and from when to when. scope_looks: one part of the actor for each program, in order
-- of the first view; those beyond the most are one.
CREATE OR REPLACE TEMP TABLE scope_spans AS
SELECT r.client, r.agent, r.tls, t.first, t.last, t.held AS views
FROM scope_reach AS r JOIN scope_tally AS t USING (client) WHERE r.held AND r.whole AND t.first IS NOT NULL
UNION ALL
SELECT client, any_value(agent), any_value(tls), min(micros), max(micros), count(*) FROM (
    SELECT v.client, r.agent, r.tls, v.micros FROM views AS v
    JOIN (SELECT r.* FROM scope_reach AS r JOIN scope_outside AS o USING (client) WHERE r.held AND r.whole AND o.first IS NULL) AS r
        USING (client)
    WHERE NOT v.duplicate
    UNION ALL
    SELECT v.client, r.agent, r.tls, v.micros FROM views AS v JOIN scope_lines AS l USING (content, line)
    JOIN scope_reach AS r ON r.client = v.client WHERE l.held AND NOT v.duplicate
) GROUP BY client;
CREATE OR REPLACE TEMP TABLE scope_looks AS
WITH looks AS (SELECT agent, tls, min(first) AS first FROM scope_spans GROUP BY agent, tls)
SELECT agent, tls, least(row_number() OVER (ORDER BY first, agent, tls) - 1, {most})::INTEGER AS part FROM looks;
