-- The token or session is used with several user agents from several networks, and this is not the device that it belongs to:
-- not in the network from which it was issued, or, where no login says so, not with the agent and network of its first view.
WITH passes AS (
    SELECT client, coalesce(token, -2 - session) AS pass, agent, network
    FROM clients WHERE (token IS NOT NULL OR session IS NOT NULL) AND agent IS NOT NULL AND network IS NOT NULL
),
shared AS (
    SELECT pass FROM passes GROUP BY pass HAVING count(DISTINCT agent) > 1 AND count(DISTINCT network) > 1
),
networks AS (SELECT address, min(network) AS network FROM clients WHERE address IS NOT NULL GROUP BY address),
issued AS (
    SELECT coalesce(l.token, -2 - l.session) AS pass, list(DISTINCT n.network) AS networks
    FROM detect_logins AS l JOIN networks AS n ON n.address = l.address
    WHERE l.address >= 0 AND n.network IS NOT NULL AND (l.token >= 0 OR l.session >= 0) GROUP BY pass
),
first AS (
    SELECT
        coalesce(c.token, -2 - c.session) AS pass,
        min({{'since': epoch_us(v.time), 'agent': c.agent, 'network': c.network}}) AS use
    FROM views AS v JOIN clients AS c USING (client)
    WHERE NOT v.duplicate AND (c.token IS NOT NULL OR c.session IS NOT NULL) GROUP BY pass
)
SELECT
    input.*,
    CASE
        WHEN p.pass IS NULL THEN NULL
        WHEN i.pass IS NOT NULL THEN s.pass IS NOT NULL AND NOT list_contains(i.networks, p.network)
        WHEN first.use.agent IS NULL OR first.use.network IS NULL THEN NULL
        ELSE s.pass IS NOT NULL AND p.agent <> first.use.agent AND p.network <> first.use.network
    END AS sign
FROM input
LEFT JOIN passes AS p ON p.client = input.client
LEFT JOIN shared AS s ON s.pass = p.pass
LEFT JOIN issued AS i ON i.pass = p.pass
LEFT JOIN first ON first.pass = p.pass
