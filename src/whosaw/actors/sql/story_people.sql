-- How many people each story's counted views show, by the kinds of pages that they were seen on, and how many were seen before
-- it was raised. `doubt`: 0 where any of these views surely was of the person, 1 where only ids that may be read in two ways
-- name the person, 2 where only views do that may be one act with another one, 3 where only views that are possible do.
SELECT story, {columns}, doubt, count(*) AS persons, count(*) FILTER (first_view <= raised_at) AS before
FROM (
    SELECT story, person, any_value(raised_at) AS raised_at, min(time) AS first_view,
        min(CASE WHEN unsure & {spelled} <> 0 THEN 3 WHEN unsure & {twin} <> 0 THEN 2 WHEN unsure <> 0 THEN 1 ELSE 0 END) AS doubt, {kinds}
    FROM detect_story_views LEFT JOIN detect_kinds USING (route)
    WHERE counted AND person IS NOT NULL GROUP BY story, person
)
GROUP BY story, doubt, {columns}
