SELECT time // ? AS day, count(*) AS views
FROM detect_views JOIN {actors} USING (client) WHERE actor = ? GROUP BY day ORDER BY day
