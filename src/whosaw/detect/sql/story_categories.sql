-- What the counted views of each story carried, by category; one view of several persons is one view.
SELECT story, category, count(DISTINCT person) AS persons, count(DISTINCT (content, line)) AS views
FROM (
    SELECT story, person, content, line, unnest(categories) AS category
    FROM detect_hit_views JOIN detect_stories USING (client) JOIN routes USING (route)
    WHERE answer = 2 OR (answer = 3 AND NOT only_unexplained)
)
GROUP BY story, category ORDER BY story, category
