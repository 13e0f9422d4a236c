-- Flags all of whose clients carry the name of one member of staff.
WITH sizes AS (SELECT mark, count(*) AS clients FROM detect_marks GROUP BY mark),
named AS (
    SELECT m.mark, c.principal, count(*) AS clients
    FROM detect_marks AS m JOIN detect_clients AS c USING (client)
    WHERE c.principal IN (SELECT staff FROM detect_staff WHERE staff >= 0) GROUP BY m.mark, c.principal
),
whole AS (SELECT hit, sum(clients) AS clients FROM detect_mark_hits JOIN sizes USING (mark) GROUP BY hit),
of_staff AS (
    SELECT hit, any_value(principal) AS staff, sum(clients) AS clients
    FROM detect_mark_hits JOIN named USING (mark) GROUP BY hit HAVING count(DISTINCT principal) = 1
)
SELECT hit, staff FROM of_staff JOIN whole USING (hit) WHERE of_staff.clients = whole.clients ORDER BY hit
