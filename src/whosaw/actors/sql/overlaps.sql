-- How many views are counted by which flags: by those of a client's flags whose rule (a bit) the view meets.
WITH met AS (
    SELECT mark, rules, count(*) AS views
    FROM (SELECT mark, ({rules})::BIGINT AS rules FROM detect_hit_views) WHERE rules > 0 GROUP BY mark, rules
),
counted AS (
    SELECT m.mark, m.rules, m.views, list(h.hit ORDER BY h.hit) AS hits
    FROM met AS m JOIN detect_mark_hits AS h USING (mark) JOIN ruled AS r ON r.hit = h.hit AND m.rules & r.rule > 0
    GROUP BY m.mark, m.rules, m.views
)
SELECT hits, sum(views)::BIGINT AS views FROM counted GROUP BY hits ORDER BY hits
