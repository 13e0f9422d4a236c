-- The lines of each story's counted views.
SELECT DISTINCT story, content, line FROM detect_story_views WHERE counted ORDER BY story, content, line
