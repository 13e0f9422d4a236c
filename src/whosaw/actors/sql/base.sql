-- Views that count, with what their client carries and what is told of it; `agent`, `key_number` and `tls` are numbers.
-- Times are microseconds since 1970 in UTC.
SELECT
    epoch_us(v.time) AS time, v.content, v.line, v.client, v.person, v.route, v.extra_at_most, v.unsure,
    c.address, c.principal, c.session, c.token, c.key_text AS "key", c.network, c.agent, c."key" AS key_number, c.tls {told}
FROM views AS v
LEFT JOIN detect_clients AS c USING (client)
WHERE NOT v.duplicate
