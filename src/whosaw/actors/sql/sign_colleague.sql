-- Somebody who works here read a customer who works here, too, and is not himself.
WITH workers AS (SELECT staff FROM detect_staff WHERE staff >= 0 UNION SELECT staff FROM detect_own)
SELECT
    input.*,
    CASE WHEN workers.staff IS NULL OR input.person IS NULL THEN NULL ELSE c.person IS NOT NULL AND own.person IS NULL END AS sign
FROM input
LEFT JOIN workers ON workers.staff = input.principal
LEFT JOIN detect_colleagues AS c ON c.person = input.person
LEFT JOIN detect_own AS own ON own.staff = input.principal AND own.person = input.person
