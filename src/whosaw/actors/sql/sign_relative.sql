-- Somebody who works here read a customer who lives where he does: at a home of eight people or fewer, or in a larger building
-- under the same family name. Of somebody whose own home is not on record it cannot be told.
WITH small AS (SELECT home FROM detect_lives GROUP BY home HAVING count(*) <= 8),
mine AS (SELECT DISTINCT o.staff, l.home, l.family FROM detect_own AS o JOIN detect_lives AS l USING (person)),
known AS (SELECT DISTINCT staff FROM mine),
near AS (
    SELECT DISTINCT mine.staff, l.person
    FROM mine JOIN detect_lives AS l ON l.home = mine.home
    ANTI JOIN detect_own AS o ON o.staff = mine.staff AND o.person = l.person
    WHERE l.home IN (SELECT home FROM small) OR l.family = mine.family
)
SELECT
    input.*, CASE WHEN known.staff IS NULL OR input.person IS NULL THEN NULL ELSE near.person IS NOT NULL END AS sign
FROM input
LEFT JOIN known ON known.staff = input.principal
LEFT JOIN near ON near.staff = input.principal AND near.person = input.person
