-- How many actors could bear the sign at all.
SELECT count(DISTINCT actor) AS actors
FROM (SELECT DISTINCT client FROM detect_views WHERE {sign} IS NOT NULL) JOIN {actors} USING (client)
