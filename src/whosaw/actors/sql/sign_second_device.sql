-- The token or session is used with several user agents from several networks, and this is not the device that it belongs to:
-- not in the network from which it was issued; or, where no login says so, one that did nothing but read people, while
-- other agents in other networks did the rest of a visit; or, where both or neither did, not with the agent and network of the first
-- view. What only one client carries is in one hand.
-- In one hand, too, is what has one agent or one network; only of the others, and of those of which a client does not say what it
-- was, is more asked.
WITH uses AS (
    SELECT pass, min(agent) <> max(agent) AND min(network) <> max(network) AS shared
    FROM (
        SELECT
            coalesce(token, -2 - session) AS pass,
            CASE WHEN network IS NOT NULL THEN agent END AS agent, CASE WHEN agent IS NOT NULL THEN network END AS network
        FROM detect_clients WHERE token IS NOT NULL OR session IS NOT NULL
    )
    GROUP BY pass HAVING count(*) > 1 AND (shared OR count(agent) < count(*))
),
held AS (
    SELECT c.client, s.pass, c.agent, c.network, c.events, c.views
    FROM detect_clients AS c JOIN uses AS s ON s.pass = coalesce(c.token, -2 - c.session)
),
passes AS (SELECT * FROM held WHERE agent IS NOT NULL AND network IS NOT NULL),
shared AS (SELECT pass FROM uses WHERE shared),
devices AS (
    SELECT p.pass, p.agent, sum(p.events) > sum(p.views) AS visits, list(DISTINCT p.network) AS networks
    FROM passes AS p JOIN shared USING (pass) GROUP BY p.pass, p.agent
),
visited AS (
    SELECT pass, list(networks) FILTER (visits) AS homes FROM devices
    GROUP BY pass HAVING bool_or(visits) AND NOT bool_and(visits)
),
networks AS (SELECT address, min(network) AS network FROM detect_clients WHERE address IS NOT NULL GROUP BY address),
issued AS (
    SELECT coalesce(l.token, -2 - l.session) AS pass, list(DISTINCT n.network) AS networks
    FROM detect_logins AS l JOIN networks AS n ON n.address = l.address
    WHERE l.address >= 0 AND n.network IS NOT NULL AND (l.token >= 0 OR l.session >= 0) GROUP BY pass
),
first AS (
    SELECT h.pass, min({{'since': epoch_us(v.time), 'agent': h.agent, 'network': h.network}}) AS use
    FROM views AS v JOIN held AS h USING (client) WHERE NOT v.duplicate GROUP BY h.pass
)
SELECT
    input.*,
    CASE
        WHEN coalesce(input.token, input.session) IS NULL OR input.agent IS NULL OR input.network IS NULL THEN NULL
        WHEN p.pass IS NULL THEN false
        WHEN i.pass IS NOT NULL THEN s.pass IS NOT NULL AND NOT list_contains(i.networks, p.network)
        WHEN visited.pass IS NOT NULL
            THEN NOT d.visits AND len(list_filter(visited.homes, lambda home: list_contains(home, p.network))) = 0
        WHEN first.use.agent IS NULL OR first.use.network IS NULL THEN NULL
        ELSE s.pass IS NOT NULL AND p.agent <> first.use.agent AND p.network <> first.use.network
    END AS sign
FROM input
LEFT JOIN passes AS p ON p.client = input.client
LEFT JOIN shared AS s ON s.pass = p.pass
LEFT JOIN issued AS i ON i.pass = p.pass
LEFT JOIN visited ON visited.pass = p.pass
LEFT JOIN devices AS d ON d.pass = p.pass AND d.agent = p.agent
LEFT JOIN first ON first.pass = p.pass
