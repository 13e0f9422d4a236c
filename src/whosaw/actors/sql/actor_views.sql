-- Views of the wanted actors, each actor's in order of time.
SELECT actor, time, person, {counted} AS counted
FROM {acting} SEMI JOIN wanted_actors USING (actor)
WHERE {wanted}
ORDER BY actor, time
