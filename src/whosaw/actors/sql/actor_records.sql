-- Views of people whom the log does not name, each wanted actor's in order of time, with how many people they can have shown.
SELECT actor, time, coalesce(extra_at_most, 1)::BIGINT AS records
FROM {acting} SEMI JOIN wanted_actors USING (actor)
WHERE {counted} AND person IS NULL
ORDER BY actor, time, content, line
