-- Take marks out of flagged crowds nearly all of whose clients come from flagged places, and those of these marks do not.
DELETE FROM detect_mark_hits WHERE (mark, hit) IN (
    WITH sizes AS (SELECT mark, count(*) AS clients FROM detect_marks GROUP BY mark),
    placed AS (SELECT DISTINCT k.detector, h.mark FROM detect_mark_hits AS h JOIN kinds AS k USING (hit) WHERE k.place),
    crowds AS (
        SELECT h.hit, h.mark, s.clients, p.mark IS NOT NULL AS placed
        FROM detect_mark_hits AS h JOIN kinds AS k USING (hit) JOIN sizes AS s USING (mark)
        LEFT JOIN placed AS p ON p.detector = k.detector AND p.mark = h.mark
        WHERE k.crowd
    ),
    narrow AS (
        SELECT hit FROM crowds GROUP BY hit
        HAVING coalesce(sum(clients) FILTER (placed), 0) >= ? * sum(clients)
    )
    SELECT mark, hit FROM crowds SEMI JOIN narrow USING (hit) WHERE NOT placed
)
