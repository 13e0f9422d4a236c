SELECT hit, category, count(DISTINCT person) AS persons, count(DISTINCT (segment, line)) AS views
FROM (
    SELECT hit, person, segment, line, unnest(categories) AS category
    FROM sigma_hit_views JOIN routes USING (route)
)
GROUP BY hit, category ORDER BY hit, category
