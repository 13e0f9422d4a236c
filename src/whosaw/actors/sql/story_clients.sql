-- The clients of each story that made a counted view.
SELECT DISTINCT story::INTEGER AS story, client::INTEGER AS client FROM detect_story_views WHERE counted ORDER BY story, client
