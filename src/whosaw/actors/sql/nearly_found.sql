-- Flagged crowds nearly all of whose clients are of flags of other detectors that are no crowds, but not all.
WITH sizes AS (SELECT mark, count(*) AS clients FROM detect_marks GROUP BY mark),
sure AS (
    SELECT h.mark, min(k.detector) AS least, max(k.detector) AS most
    FROM detect_mark_hits AS h JOIN kinds AS k USING (hit) WHERE NOT k.crowd GROUP BY h.mark
),
crowds AS (
    SELECT h.hit, s.clients, sure.mark IS NOT NULL AS found
    FROM detect_mark_hits AS h JOIN kinds AS k USING (hit) JOIN sizes AS s USING (mark)
    LEFT JOIN sure ON sure.mark = h.mark AND (sure.least <> k.detector OR sure.most <> k.detector)
    WHERE k.crowd
)
SELECT hit FROM crowds GROUP BY hit
HAVING NOT bool_and(found) AND coalesce(sum(clients) FILTER (found), 0) >= ? * sum(clients) ORDER BY hit
