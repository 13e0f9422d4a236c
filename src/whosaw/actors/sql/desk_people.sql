-- Of the asked flags: how many views each counts, of how many people, by which member of staff who is flagged by name, and by others
-- (NULL). Of a flag for planted people these alone.
WITH met AS (
    SELECT mark, person, ({rules})::BIGINT AS rules
    FROM detect_hit_views WHERE mark IN (SELECT mark FROM detect_mark_hits SEMI JOIN asked USING (hit))
),
counting AS (
    SELECT h.mark, r.hit, r.rule, r.planted, r.staff FROM detect_mark_hits AS h JOIN ruled AS r USING (hit)
),
named AS (SELECT mark, staff, bit_or(rule) AS rules FROM counting WHERE staff IS NOT NULL GROUP BY mark, staff)
SELECT c.hit, CASE WHEN m.rules & n.rules > 0 THEN n.staff END AS staff, count(*) AS views, count(DISTINCT m.person) AS people
FROM met AS m JOIN counting AS c USING (mark) SEMI JOIN asked ON asked.hit = c.hit LEFT JOIN named AS n USING (mark)
WHERE m.rules & c.rule > 0 AND (NOT c.planted OR m.person IN (SELECT person FROM detect_canaries WHERE person >= 0))
GROUP BY ALL ORDER BY c.hit, 2
