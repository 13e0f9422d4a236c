-- The clients of each story. A client's views that cannot be told count if any of its hits counts them.
CREATE OR REPLACE TEMP TABLE detect_stories AS
SELECT m.story, m.raised_at, h.client, bool_and(h.only_unexplained) AS only_unexplained
FROM detect_hits AS h JOIN hit_stories AS m USING (hit) GROUP BY m.story, m.raised_at, h.client
