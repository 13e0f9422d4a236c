-- Views of the wanted actors of people whose number is known, each actor's in order of time, with the number's place among all.
SELECT actor, time, client, place
FROM {acting} SEMI JOIN wanted_actors USING (actor) JOIN detect_places USING (person)
WHERE {counted}
ORDER BY actor, time, content, line
