-- Views of people whom the log does not name and of whose number it knows a bound, each wanted actor's in order of time.
SELECT actor, route, time, extra_at_most::BIGINT AS records
FROM {acting} SEMI JOIN wanted_actors USING (actor)
WHERE {counted} AND person IS NULL AND extra_at_most IS NOT NULL AND route IS NOT NULL
ORDER BY actor, time, content, line
