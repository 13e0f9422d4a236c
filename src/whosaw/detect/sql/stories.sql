-- The marks of each story, and the rules (a bit each) by which the views of their clients count, and are proven.
CREATE OR REPLACE TEMP TABLE detect_stories AS
SELECT m.story, m.raised_at, m.tried, h.mark, bit_or(m.rule) AS rules, bit_or(m.proof) AS proofs
FROM detect_mark_hits AS h JOIN hit_stories AS m USING (hit) GROUP BY m.story, m.raised_at, m.tried, h.mark
