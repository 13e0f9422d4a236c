-- Flags nearly all of whose clients are of one flagged crowd, each with that crowd.
WITH marks AS (SELECT mark, count(*) AS clients FROM detect_marks GROUP BY mark),
sizes AS (
    SELECT hit, sum(clients) AS clients
    FROM detect_mark_hits JOIN marks USING (mark) SEMI JOIN asked USING (hit) GROUP BY hit
),
crowded AS (
    SELECT c.hit, m.mark, count(*) AS clients
    FROM crowds AS c JOIN {marked} AS m USING (actor) GROUP BY c.hit, m.mark
),
inside AS (
    SELECT c.hit AS crowd, h.hit, sum(c.clients) AS clients
    FROM crowded AS c JOIN detect_mark_hits AS h USING (mark) SEMI JOIN asked ON asked.hit = h.hit
    WHERE c.hit <> h.hit GROUP BY c.hit, h.hit
)
SELECT crowd, hit, (inside.clients / sizes.clients)::DOUBLE AS share
FROM inside JOIN sizes USING (hit)
WHERE inside.clients >= ? * sizes.clients ORDER BY crowd, hit
