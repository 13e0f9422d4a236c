-- How many people the asked flags count views of that no flag of one member of staff counts, too.
WITH met AS (
    SELECT mark, person, ({rules})::BIGINT AS rules
    FROM detect_hit_views WHERE mark IN (SELECT mark FROM detect_mark_hits SEMI JOIN asked USING (hit))
),
counting AS (
    SELECT h.mark, r.hit, r.rule, r.named
    FROM detect_mark_hits AS h JOIN ruled AS r USING (hit)
),
told AS (SELECT mark, bit_or(rule) AS rules FROM counting WHERE named GROUP BY mark)
SELECT c.hit, count(DISTINCT m.person) AS people
FROM met AS m JOIN counting AS c USING (mark) SEMI JOIN asked ON asked.hit = c.hit LEFT JOIN told AS t USING (mark)
WHERE m.rules & c.rule > 0 AND m.rules & coalesce(t.rules, 0) = 0
GROUP BY c.hit ORDER BY c.hit
