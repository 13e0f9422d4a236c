-- Views by source, route, part and hour. A response that named several persons is one view.
SELECT s.source, v.route, v.part, v.time // 3600000000 AS hour, v.held, {views} AS views, min(v.time) AS first, max(v.time) AS last
FROM scope_views v JOIN count_sources s USING (content)
GROUP BY s.source, v.route, v.part, v.time // 3600000000, v.held ORDER BY ALL
