-- Somebody who works here and is a customer, too, read his own data under the name he works under.
WITH linked AS (SELECT DISTINCT staff FROM detect_own)
SELECT
    input.*,
    CASE WHEN linked.staff IS NULL OR input.person IS NULL THEN NULL ELSE own.person IS NOT NULL END AS sign
FROM input
LEFT JOIN linked ON linked.staff = input.principal
LEFT JOIN detect_own AS own ON own.staff = input.principal AND own.person = input.person
