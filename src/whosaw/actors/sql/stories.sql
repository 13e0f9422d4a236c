-- The marks of each story, and the rules (a bit each) by which the views of their clients count, are proven, count for more than company, each for
-- itself, and for what no table was asked.
CREATE OR REPLACE TEMP TABLE detect_stories AS
SELECT m.story, m.raised_at, m.tried, h.mark, bit_or(m.rule) AS rules, bit_or(m.proof) AS proofs,
    bit_or(m.beyond_company) AS beyond_company, bit_or(m.beyond_crowd) AS beyond_crowd,
    bit_or(m.unasked) AS unasked
FROM detect_mark_hits AS h JOIN hit_stories AS m USING (hit) GROUP BY m.story, m.raised_at, m.tried, h.mark
