-- What the counted views of each story carried, by category; one view of several persons is one view.
SELECT story, category, count(DISTINCT person) AS persons, count(DISTINCT (content, line)) AS views
FROM (
    SELECT story, person, content, line, unnest(categories) AS category
    FROM detect_story_views JOIN routes USING (route)
    WHERE counted
)
GROUP BY story, category ORDER BY story, category
