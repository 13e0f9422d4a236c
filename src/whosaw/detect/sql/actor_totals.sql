SELECT actor, count(*) AS views
FROM detect_views JOIN {actors} USING (client) SEMI JOIN wanted_actors USING (actor) GROUP BY actor ORDER BY actor
