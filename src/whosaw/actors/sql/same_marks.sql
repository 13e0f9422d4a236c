-- Give marks that are left with the same flags one number, and clients that are left with none no mark.
CREATE OR REPLACE TEMP TABLE detect_same AS
SELECT mark AS old, (dense_rank() OVER (ORDER BY hits))::INTEGER AS mark, hits
FROM (SELECT mark, list(hit ORDER BY hit) AS hits FROM detect_mark_hits GROUP BY mark);

CREATE OR REPLACE TEMP TABLE detect_marks AS
SELECT m.* EXCLUDE (mark), s.mark FROM detect_marks AS m JOIN detect_same AS s ON s.old = m.mark;

CREATE OR REPLACE TEMP TABLE detect_mark_hits AS SELECT DISTINCT mark, unnest(hits) AS hit FROM detect_same;
