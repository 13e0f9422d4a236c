WITH each AS (
    SELECT p.part, s.first, s.last, 1 AS clients, f.address, f.network, s.views, f.agent, f.tls
    FROM scope_spans AS s JOIN scope_parts AS p USING (client) JOIN scope_few AS f USING (client)
    UNION ALL
    SELECT k.part, a.first, a.last, g.clients, g.address, g.network, g.views, p.agent, p.tls
    FROM scope_troupes AS g JOIN scope_acts AS a USING (program) JOIN scope_programs AS p USING (program)
    JOIN scope_looks AS k ON k.agent IS NOT DISTINCT FROM p.agent AND k.tls IS NOT DISTINCT FROM p.tls
)
SELECT part, min(first) AS first, max(last) AS last, sum(clients)::BIGINT AS clients,
    count(DISTINCT address) AS addresses, count(DISTINCT network) AS networks, sum(views)::BIGINT AS views,
    CASE WHEN min(agent) = max(agent) THEN min(agent) END AS agent, count(DISTINCT agent) AS agents,
    CASE WHEN min(tls) = max(tls) THEN min(tls) END AS tls
FROM each GROUP BY part ORDER BY part
