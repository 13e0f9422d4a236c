-- How many people were seen on each page in each hour of the clock: in views that count, and in any.
SELECT
    route, (time // 3600000000)::BIGINT AS hour, count(DISTINCT person) FILTER ({counted}) AS people, count(DISTINCT person) AS every
FROM detect_views WHERE route IS NOT NULL GROUP BY route, hour ORDER BY route, hour
