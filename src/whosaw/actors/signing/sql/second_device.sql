-- By pass (token or session), day on which it was carried, and device (agent and network): whether the device is not the one that the
-- pass belongs to, as far as its last {days} days tell (`sign`), and what they told without that day (`before`). `known`: when another
-- agent and another network were there. A pass with several agents from several networks is in two hands; the device is not its own
-- where it is not in the network from which the pass was issued; or, where no login says so, where it did nothing but read people,
-- while other agents in other networks did the rest; or, where both or neither did, where agent and network are not those of the first
-- view. What has one agent or one network is in one hand; only of the others, and of those of which a device does not say what it was, is
-- more asked.
WITH asked AS (
    SELECT DISTINCT kind, pass, day AS told, unnest([day, day - 1]) AS until FROM sign_passes WHERE day BETWEEN {first} AND {last}
),
held AS (
    SELECT
        kind, pass, told, until, p.agent, p.network, sum(p.events) AS events, sum(p.views) AS views, min(p.first) AS first,
        min({{'since': p.viewed, 'place': p.place}}) FILTER (p.viewed IS NOT NULL) AS viewed
    FROM asked JOIN sign_passes AS p USING (kind, pass)
    WHERE p.day BETWEEN told - {days} AND until
    GROUP BY ALL
),
uses AS (
    SELECT kind, pass, told, until, min(agent) <> max(agent) AND min(network) <> max(network) AS shared
    FROM (
        SELECT
            kind, pass, told, until,
            CASE WHEN network IS NOT NULL THEN agent END AS agent, CASE WHEN agent IS NOT NULL THEN network END AS network
        FROM held
    )
    GROUP BY ALL HAVING count(*) > 1 AND (shared OR count(agent) < count(*))
),
carried AS (SELECT h.*, shared FROM held AS h JOIN uses USING (kind, pass, told, until)),
devices AS (SELECT * FROM carried WHERE agent IS NOT NULL AND network IS NOT NULL),
agents AS (
    SELECT kind, pass, told, until, agent, sum(events) > sum(views) AS visits, list(DISTINCT network) AS networks
    FROM devices WHERE shared GROUP BY ALL
),
visited AS (
    SELECT kind, pass, told, until, list(networks) FILTER (visits) AS homes
    FROM agents GROUP BY ALL HAVING bool_or(visits) AND NOT bool_and(visits)
),
issued AS (
    SELECT
        CASE WHEN l.token IS NULL THEN 1 ELSE 0 END AS kind, coalesce(l.token, l.session) AS pass,
        list(DISTINCT l.network) AS networks
    FROM detect_logins AS l WHERE l.network >= 0 AND (l.token >= 0 OR l.session >= 0) GROUP BY ALL
),
first AS (
    SELECT kind, pass, told, until, min({{'since': viewed.since, 'place': viewed.place, 'agent': agent, 'network': network}}) AS use
    FROM carried WHERE viewed IS NOT NULL GROUP BY ALL
),
told AS (
    SELECT
        d.kind, d.pass, d.told, d.until, d.agent, d.network,
        CASE
            WHEN i.pass IS NOT NULL THEN coalesce(d.shared, false) AND NOT list_contains(i.networks, d.network)
            WHEN visited.pass IS NOT NULL
                THEN NOT a.visits AND len(list_filter(visited.homes, lambda home: list_contains(home, d.network))) = 0
            WHEN first.use.agent IS NULL OR first.use.network IS NULL THEN NULL
            ELSE coalesce(d.shared, false) AND d.agent <> first.use.agent AND d.network <> first.use.network
        END AS sign
    FROM devices AS d
    LEFT JOIN issued AS i ON i.kind = d.kind AND i.pass = d.pass
    LEFT JOIN visited ON visited.kind = d.kind AND visited.pass = d.pass AND visited.told = d.told AND visited.until = d.until
    LEFT JOIN agents AS a ON a.kind = d.kind AND a.pass = d.pass AND a.told = d.told AND a.until = d.until AND a.agent = d.agent
    LEFT JOIN first ON first.kind = d.kind AND first.pass = d.pass AND first.told = d.told AND first.until = d.until
),
others AS (
    SELECT
        t.kind, t.pass, t.told, t.agent, t.network,
        greatest(min(d.first) FILTER (d.agent <> t.agent), min(d.first) FILTER (d.network <> t.network)) AS known,
        min(d.first) FILTER (d.first >= t.told * 86400000000) AS today
    FROM told AS t JOIN devices AS d USING (kind, pass, told, until)
    WHERE t.sign AND t.until = t.told GROUP BY ALL
)
SELECT
    t.kind, t.pass, t.told, t.agent, t.network, t.sign, b.sign AS before, coalesce(o.known, 0) AS known, o.today
FROM told AS t
LEFT JOIN told AS b
    ON b.kind = t.kind AND b.pass = t.pass AND b.told = t.told AND b.until = t.told - 1 AND b.agent = t.agent AND b.network = t.network
LEFT JOIN others AS o ON o.kind = t.kind AND o.pass = t.pass AND o.told = t.told AND o.agent = t.agent AND o.network = t.network
WHERE t.until = t.told
