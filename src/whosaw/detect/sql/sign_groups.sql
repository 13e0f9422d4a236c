-- How many actors could bear the sign at all.
SELECT count(DISTINCT actor) AS actors FROM detect_signed JOIN {actors} USING (client)
