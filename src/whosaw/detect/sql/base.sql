-- Views that count, with what their client carries; `agent` is its number. Times are microseconds since 1970 in UTC.
SELECT
    epoch_us(v.time) AS time, v.content, v.line, v.client, v.person, v.route, v.extra_at_most,
    c.address, c.principal, c.session, c.token, c.key, c.network, c.agent
FROM views AS v
LEFT JOIN (
    SELECT client, address, principal, session, token, key, network, a.number AS agent
    FROM clients LEFT JOIN detect_agents AS a USING (agent)
) AS c USING (client)
WHERE NOT v.duplicate
