SELECT p.part, min(s.first) AS first, max(s.last) AS last, count(*) AS clients,
    count(DISTINCT c.address) AS addresses, count(DISTINCT c.network) AS networks, sum(s.views)::BIGINT AS views,
    CASE WHEN min(c.agent) = max(c.agent) THEN min(c.agent) END AS agent, count(DISTINCT c.agent) AS agents,
    CASE WHEN min(c.tls) = max(c.tls) THEN min(c.tls) END AS tls
FROM scope_spans AS s JOIN scope_parts AS p USING (client) JOIN clients AS c USING (client) GROUP BY p.part ORDER BY p.part
