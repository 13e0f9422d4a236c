-- How many people each story's counted views show, by the kinds of pages that they were seen on, and how many were seen before
-- it was raised.
SELECT story, {columns}, count(*) AS persons, count(*) FILTER (first_view <= raised_at) AS before
FROM (
    SELECT story, person, any_value(raised_at) AS raised_at, min(time) AS first_view, {kinds}
    FROM detect_story_views LEFT JOIN detect_kinds USING (route)
    WHERE counted AND person IS NOT NULL GROUP BY story, person
)
GROUP BY story, {columns}
