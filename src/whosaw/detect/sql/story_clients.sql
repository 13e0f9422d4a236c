-- The clients of each story that made a counted view.
SELECT DISTINCT story, client FROM detect_story_views WHERE counted ORDER BY story, client
