-- Views that count, with what their client carries and what is told of it, all as numbers but `key`.
-- Times are microseconds since 1970 in UTC.
SELECT
    epoch_us(v.time) AS time, v.content, v.line, v.client, v.person, v.route, v.extra_at_most, v.unsure,
    <<all but key: c."@">>, c.key_text AS "key", c."key" AS key_number {told}
FROM views AS v
LEFT JOIN detect_clients AS c USING (client)
WHERE NOT v.duplicate
