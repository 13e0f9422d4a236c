-- Clients with the number of their visit's manner.
WITH numbered AS (
    SELECT v.visit, k.number
    FROM detect_visits AS v JOIN detect_manner_kinds AS k
        ON k.low = v.low AND k.high = v.high AND k.opened = v.opened AND k.pause = v.pause AND v.pages <= 2
    UNION ALL
    SELECT v.visit, k.number
    FROM detect_visits AS v JOIN detect_longer AS l USING (visit) JOIN detect_manner_kinds AS k ON k.way = l.way AND k.pause = v.pause
)
SELECT c.*, m.number AS manner FROM detect_clients AS c LEFT JOIN numbered AS m ON m.visit = {visit}
