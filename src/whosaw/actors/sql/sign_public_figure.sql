-- Somebody who works here read a customer whom many would like to know more about, as the table of subjects marks them.
WITH workers AS (SELECT DISTINCT staff FROM detect_staff WHERE staff >= 0),
marked AS (SELECT DISTINCT subject FROM detect_subjects WHERE subject >= 0 AND public = 1)
SELECT
    input.*, CASE WHEN workers.staff IS NULL OR input.person IS NULL THEN NULL ELSE marked.subject IS NOT NULL END AS sign
FROM input
LEFT JOIN workers ON workers.staff = input.principal
LEFT JOIN marked ON marked.subject = input.person
