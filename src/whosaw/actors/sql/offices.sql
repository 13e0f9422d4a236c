-- Of the asked flags, those with a client in a place where some member of staff was explained: a network, or an address without one.
WITH worked AS (
    SELECT DISTINCT v.network, CASE WHEN v.network IS NULL THEN v.address END AS address
    FROM detect_all AS v
    WHERE v.principal IN (SELECT staff FROM detect_staff WHERE staff >= 0) AND ({explained})
)
SELECT DISTINCT h.hit
FROM detect_mark_hits AS h SEMI JOIN asked USING (hit) JOIN detect_marks AS m USING (mark) JOIN detect_clients AS c USING (client)
WHERE c.network IN (SELECT network FROM worked) OR (c.network IS NULL AND c.address IN (SELECT address FROM worked))
ORDER BY h.hit
