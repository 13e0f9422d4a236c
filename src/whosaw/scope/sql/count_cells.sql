-- One row for each person, route, part and source: how many rows are held and possible, from when to when, and the most
-- further persons of one response. Rows are views unless a response named several persons.
CREATE OR REPLACE TEMP TABLE count_cells AS
SELECT v.person, v.route, v.part, s.source,
       count(*) FILTER (v.held) AS held, count(*) FILTER (NOT v.held) AS possible,
       min(v.time) AS first, max(v.time) AS last,
       max(v.extra) AS extra, count(*) FILTER (v.extra IS NULL) AS open
FROM scope_views v JOIN count_sources s USING (content)
WHERE v.person IS NOT NULL
GROUP BY v.person, v.route, v.part, s.source
