CREATE OR REPLACE TEMP TABLE sigma_hit_views AS
SELECT h.hit, h.raised_at, h.segment, h.line, v.micros, v.person, v.route, v.extra_at_most, v.unsure
FROM sigma_hits AS h JOIN views AS v ON v.content = h.segment AND v.line = h.line
WHERE NOT v.duplicate
