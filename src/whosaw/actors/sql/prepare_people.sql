-- Which customer each member of staff is, from whichever table says so; and who lives where.
CREATE OR REPLACE TEMP TABLE detect_own AS
SELECT staff, subject AS person FROM detect_staff WHERE staff >= 0 AND subject IS NOT NULL
UNION SELECT staff, subject FROM detect_subjects WHERE staff >= 0 AND subject IS NOT NULL;

CREATE OR REPLACE TEMP TABLE detect_colleagues AS
SELECT subject AS person FROM detect_staff WHERE subject >= 0
UNION SELECT subject FROM detect_subjects WHERE staff IS NOT NULL AND subject >= 0;

CREATE OR REPLACE TEMP TABLE detect_lives AS
SELECT subject AS person, min(home) AS home, min(family) AS family
FROM detect_subjects WHERE subject IS NOT NULL AND home IS NOT NULL GROUP BY subject;
