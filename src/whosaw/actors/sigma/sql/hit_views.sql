-- The views of the lines of hits. A line that is a witness is one act with a line of another source, which is the view.
CREATE OR REPLACE TEMP TABLE sigma_hit_views AS
SELECT h.hit, h.raised_at, v.content AS segment, v.line, v.micros, v.person, v.route, v.extra_at_most, v.unsure, v.client
FROM (
    SELECT DISTINCT g.hit, g.raised_at, coalesce(t.act_segment, g.segment) AS segment, coalesce(t.act_line, g.line) AS line
    FROM sigma_hits AS g LEFT JOIN (SELECT * FROM twins WHERE joined) AS t ON t.segment = g.segment AND t.line = g.line
) AS h JOIN views AS v ON v.content = h.segment AND v.line = h.line
WHERE NOT v.duplicate
