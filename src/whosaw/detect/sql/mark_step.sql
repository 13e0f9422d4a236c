-- Each client's mark so far beside the part that it has in the flags at hand; 0 is none.
CREATE OR REPLACE TEMP TABLE detect_step AS
SELECT client, coalesce(m.mark, 0) AS mark, coalesce(s.part, 0) AS part
FROM detect_marks AS m FULL JOIN ({parts}) AS s USING (client)
