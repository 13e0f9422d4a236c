CREATE OR REPLACE TEMP TABLE detect_weights AS
SELECT
    client, count(*) FILTER (answer = 2) AS unexplained, count(*) FILTER (answer <> 1) AS not_explained,
    count(*) AS "any"
FROM detect_views GROUP BY client
