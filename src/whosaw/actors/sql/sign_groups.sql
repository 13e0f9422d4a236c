-- How many actors could bear the sign at all.
SELECT count(DISTINCT actor) AS actors FROM {acting} WHERE {sign} IS NOT NULL
