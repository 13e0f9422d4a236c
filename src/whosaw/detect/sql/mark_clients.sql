-- One new mark for each pair of an old mark and a part, and of which parts it stands for the flags.
CREATE OR REPLACE TEMP TABLE detect_pairs AS
SELECT mark AS old, part, (row_number() OVER (ORDER BY mark, part))::INTEGER AS mark
FROM (SELECT DISTINCT mark, part FROM detect_step);

CREATE OR REPLACE TEMP TABLE detect_marks AS
SELECT s.client, p.mark FROM detect_step AS s JOIN detect_pairs AS p ON p.old = s.mark AND p.part = s.part;

CREATE OR REPLACE TEMP TABLE detect_mark_parts AS
SELECT p.mark, m.part FROM detect_pairs AS p JOIN detect_mark_parts AS m ON m.mark = p.old
UNION ALL SELECT mark, part FROM detect_pairs WHERE part > 0;
