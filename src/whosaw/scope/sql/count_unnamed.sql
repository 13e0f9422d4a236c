-- Views whose person the log does not name, by route, part, source, hour and whether they are held. `subjects` bounds how
-- many accounts they can be of: the bound covers each subject and the further persons on its page.
SELECT v.route, v.part, s.source, v.held, v.time // 3600000000 AS hour, count(*) AS views,
       min(v.time) AS first, max(v.time) AS last,
       sum(greatest(1, v.extra // (1 + r.secondary)))::BIGINT AS subjects,
       sum(v.extra)::BIGINT AS people,
       max(greatest(1, v.extra // (1 + r.secondary)))::BIGINT AS most,
       count(*) FILTER (v.extra IS NULL AND (r.secondary IS NOT NULL OR NOT r.single)) AS open_subjects,
       count(*) FILTER (v.extra IS NULL) AS open_people
-- a page of one subject with further persons of whom nothing bounds how many is still about one account
FROM scope_views v JOIN count_sources s USING (content) JOIN count_routes r USING (route)
WHERE v.person IS NULL
GROUP BY ALL ORDER BY ALL
