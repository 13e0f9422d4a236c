-- Flags nearly all of whose clients are in one network, where nearly all clients that saw anybody are flagged.
WITH flagged AS (SELECT client, m.mark, c.network FROM detect_marks AS m JOIN detect_clients AS c USING (client)),
sizes AS (SELECT hit, count(*) AS clients FROM detect_mark_hits JOIN flagged USING (mark) GROUP BY hit),
held AS (
    SELECT hit, network, count(*) AS clients
    FROM detect_mark_hits JOIN flagged USING (mark) WHERE network IS NOT NULL GROUP BY hit, network
),
networks AS (SELECT network, count(*) AS clients FROM flagged WHERE network IS NOT NULL GROUP BY network),
used AS (
    SELECT network, count(DISTINCT client) AS clients
    FROM detect_all SEMI JOIN networks USING (network) GROUP BY network
)
SELECT network, hit, least(held.clients / sizes.clients, networks.clients / used.clients)::DOUBLE AS share
FROM held JOIN sizes USING (hit) JOIN networks USING (network) JOIN used USING (network)
WHERE held.clients >= $1 * sizes.clients AND networks.clients >= $2 * used.clients
ORDER BY network, hit
