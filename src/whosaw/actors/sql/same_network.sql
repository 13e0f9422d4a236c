-- Flags nearly all of whose clients have one agent in one network, where nearly all clients that saw anybody are flagged or bear a sign
-- that somebody is flagged for. A network with more than $3 clients is nobody's own, and is not asked.
WITH small AS (
    SELECT network FROM detect_clients WHERE network IS NOT NULL GROUP BY network HAVING count(*) <= $3
),
placed AS (
    SELECT m.mark, c.network, c.agent, count(*) AS clients
    FROM detect_marks AS m JOIN detect_clients AS c USING (client) GROUP BY m.mark, c.network, c.agent
),
sizes AS (SELECT hit, sum(clients) AS clients FROM detect_mark_hits JOIN placed USING (mark) GROUP BY hit),
held AS (
    SELECT hit, network, agent, sum(clients) AS clients
    FROM detect_mark_hits JOIN placed USING (mark) SEMI JOIN small USING (network) GROUP BY hit, network, agent
),
mostly AS (
    SELECT hit, network, agent, held.clients / sizes.clients AS share
    FROM held JOIN sizes USING (hit) WHERE held.clients >= $1 * sizes.clients
),
seen AS (
    SELECT network, client, bool_or({signed}) AS signed
    FROM detect_all SEMI JOIN mostly USING (network) GROUP BY network, client
),
networks AS (
    SELECT s.network, count(*) FILTER (s.signed OR m.client IS NOT NULL) AS clients, count(*) AS used
    FROM seen AS s LEFT JOIN detect_marks AS m USING (client) GROUP BY s.network
)
SELECT network, agent, hit, least(share, networks.clients / used)::DOUBLE AS share
FROM mostly JOIN networks USING (network) WHERE networks.clients >= $2 * used
ORDER BY network, agent, hit
