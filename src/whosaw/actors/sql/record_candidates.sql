-- Actors whose answers can have held so many people that the log does not name.
SELECT actor, count(*) AS views
FROM {acting}
WHERE {counted} AND person IS NULL
GROUP BY actor HAVING sum(coalesce(extra_at_most, 1)) >= ? ORDER BY actor
