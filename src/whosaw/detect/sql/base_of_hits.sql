-- The same as base.sql, for the clients of flagged actors only.
SELECT
    epoch_us(v.time) AS time, v.content, v.line, v.client, v.person, v.route, v.extra_at_most,
    c.address, c.principal, c.session, c.token, c.key
FROM views AS v
LEFT JOIN clients AS c USING (client)
WHERE NOT v.duplicate AND v.client IN (SELECT client FROM detect_hits)
