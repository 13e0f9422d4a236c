-- The clients of each story, and the rules (a bit each) by which their views count.
CREATE OR REPLACE TEMP TABLE detect_stories AS
SELECT m.story, m.raised_at, m.tried, h.client, bit_or(m.rule) AS rules
FROM detect_hits AS h JOIN hit_stories AS m USING (hit) GROUP BY m.story, m.raised_at, m.tried, h.client
