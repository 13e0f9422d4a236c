-- scope_spans: held views of each client in scope_reach, and from when to when. scope_looks: one part of the actor for each
-- program, in order of the first view; those beyond the most are one. scope_acts has the same of the clients in scope_cast.
CREATE OR REPLACE TEMP TABLE scope_spans AS
SELECT client, any_value(agent) AS agent, any_value(tls) AS tls, min(micros) AS first, max(micros) AS last, count(*) AS views FROM (
    SELECT v.client, r.agent, r.tls, v.micros FROM views AS v
    JOIN (SELECT * FROM scope_reach WHERE held AND whole) AS r USING (client)
    WHERE NOT v.duplicate
    UNION ALL
    SELECT v.client, r.agent, r.tls, v.micros FROM views AS v JOIN scope_lines AS l USING (content, line)
    JOIN scope_reach AS r ON r.client = v.client WHERE l.held AND NOT v.duplicate
) GROUP BY client;
CREATE OR REPLACE TEMP TABLE scope_looks AS
WITH looks AS (
    SELECT agent, tls, min(first) AS first FROM (
        SELECT agent, tls, first FROM scope_spans
        UNION ALL
        SELECT p.agent, p.tls, a.first FROM scope_acts AS a JOIN scope_programs AS p USING (program)
    ) GROUP BY agent, tls
)
SELECT agent, tls, least(row_number() OVER (ORDER BY first, agent, tls) - 1, {most})::INTEGER AS part FROM looks;
