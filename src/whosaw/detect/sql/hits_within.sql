-- Flags nearly all of whose clients are of one flagged crowd, each with that crowd.
WITH sizes AS (SELECT hit, count(*) AS clients FROM detect_hits SEMI JOIN asked USING (hit) GROUP BY hit),
inside AS (
    SELECT c.hit AS crowd, h.hit, count(*) AS clients
    FROM crowds AS c JOIN {actors} AS a USING (actor) JOIN detect_hits AS h USING (client) SEMI JOIN asked ON asked.hit = h.hit
    WHERE c.hit <> h.hit GROUP BY c.hit, h.hit
)
SELECT crowd, hit FROM inside JOIN sizes USING (hit) WHERE inside.clients >= ? * sizes.clients ORDER BY crowd, hit
