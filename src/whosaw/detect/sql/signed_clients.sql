-- Of each client that could bear the sign: how many of its views do and count, and how many could.
CREATE OR REPLACE TEMP TABLE detect_signed AS
SELECT client, count(*) FILTER ({sign} AND {counted}) AS signed, count(*) AS views
FROM detect_views WHERE {sign} IS NOT NULL GROUP BY client
