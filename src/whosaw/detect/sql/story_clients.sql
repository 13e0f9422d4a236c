-- The clients of each story that made a counted view.
SELECT story, client
FROM detect_hit_views JOIN detect_stories USING (client)
WHERE answer = 2 OR (answer = 3 AND NOT only_unexplained)
GROUP BY story, client ORDER BY story, client
