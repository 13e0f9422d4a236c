-- Actors that saw more than one person.
SELECT actor, count(*) AS views
FROM {acting}
WHERE {counted} GROUP BY actor HAVING min(person) <> max(person) ORDER BY actor
