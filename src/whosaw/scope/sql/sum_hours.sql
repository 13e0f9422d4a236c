-- What count_hours says of some rows each, added up.
SELECT source, route, part, hour, held, sum(views)::BIGINT AS views, min(first) AS first, max(last) AS last
FROM rows GROUP BY source, route, part, hour, held ORDER BY ALL
