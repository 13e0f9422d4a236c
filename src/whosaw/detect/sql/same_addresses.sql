-- Pairs of the asked flags nearly all of whose addresses, of the one with fewer, are also the other's.
WITH held AS (
    SELECT DISTINCT h.hit, c.address
    FROM detect_mark_hits AS h SEMI JOIN asked USING (hit) JOIN detect_marks AS m USING (mark) JOIN detect_clients AS c USING (client)
    WHERE c.address IS NOT NULL
),
sizes AS (SELECT hit, count(*) AS addresses FROM held GROUP BY hit),
shared AS (
    SELECT a.hit AS one, b.hit AS other, count(*) AS addresses
    FROM held AS a JOIN held AS b ON b.address = a.address AND b.hit > a.hit GROUP BY a.hit, b.hit
)
SELECT one, other FROM shared JOIN sizes AS a ON a.hit = one JOIN sizes AS b ON b.hit = other
WHERE shared.addresses >= ? * least(a.addresses, b.addresses) ORDER BY one, other
