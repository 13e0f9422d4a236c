-- The token or session was used with one user agent from one network, and now with another agent from another network.
WITH first AS (
    SELECT
        coalesce(c.token, -2 - c.session) AS pass,
        min({{'since': epoch_us(v.time), 'agent': c.agent, 'network': c.network}}) AS use
    FROM views AS v JOIN clients AS c USING (client)
    WHERE NOT v.duplicate AND (c.token IS NOT NULL OR c.session IS NOT NULL) GROUP BY pass
)
SELECT
    input.*,
    CASE
        WHEN c.agent IS NULL OR c.network IS NULL OR first.use.agent IS NULL OR first.use.network IS NULL THEN NULL
        ELSE c.agent <> first.use.agent AND c.network <> first.use.network
    END AS sign
FROM input
LEFT JOIN clients AS c ON c.client = input.client
LEFT JOIN first ON first.pass = coalesce(c.token, -2 - c.session)
