-- Flags nearly all of whose clients have one agent in one network, where nearly all clients that saw anybody are flagged or bear a sign
-- that somebody is flagged for.
WITH flagged AS (
    SELECT client, m.mark, c.network, c.agent FROM detect_marks AS m JOIN detect_clients AS c USING (client)
),
sizes AS (SELECT hit, count(*) AS clients FROM detect_mark_hits JOIN flagged USING (mark) GROUP BY hit),
held AS (
    SELECT hit, network, agent, count(*) AS clients
    FROM detect_mark_hits JOIN flagged USING (mark) WHERE network IS NOT NULL GROUP BY hit, network, agent
),
seen AS (
    SELECT network, client, bool_or({signed}) AS signed
    FROM detect_all SEMI JOIN (FROM flagged WHERE network IS NOT NULL) USING (network) GROUP BY network, client
),
networks AS (
    SELECT network, count(*) FILTER (signed OR client IN (SELECT client FROM flagged)) AS clients, count(*) AS used
    FROM seen GROUP BY network
)
SELECT network, agent, hit, least(held.clients / sizes.clients, networks.clients / used)::DOUBLE AS share
FROM held JOIN sizes USING (hit) JOIN networks USING (network)
WHERE held.clients >= $1 * sizes.clients AND networks.clients >= $2 * used
ORDER BY network, agent, hit
