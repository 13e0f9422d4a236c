-- Views that count on the wanted pages in the wanted hours, by the actor that made them, in order of time.
SELECT s.surge, actor, v.client, v.person, v.time
FROM {acting} AS v JOIN surges AS s ON s.route = v.route AND s.hour = v.time // 3600000000
WHERE {counted} ORDER BY s.surge, actor, v.time, v.content, v.line
