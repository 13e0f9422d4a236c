-- Take clients out of flagged crowds that nearly all come from flagged places, and these do not.
DELETE FROM detect_hits WHERE (hit, client) IN (
    WITH placed AS (SELECT DISTINCT k.detector, h.client FROM detect_hits AS h JOIN kinds AS k USING (hit) WHERE k.place),
    crowds AS (
        SELECT h.hit, h.client, p.client IS NOT NULL AS placed
        FROM detect_hits AS h JOIN kinds AS k USING (hit)
        LEFT JOIN placed AS p ON p.detector = k.detector AND p.client = h.client
        WHERE k.crowd
    ),
    narrow AS (SELECT hit FROM crowds GROUP BY hit HAVING count(*) FILTER (placed) >= ? * count(*))
    SELECT hit, client FROM crowds SEMI JOIN narrow USING (hit) WHERE NOT placed
)
