-- All views of the marked clients from $1 to before $2, with their marks.
SELECT v.* EXCLUDE (<<all but address: "@">>), m.mark
FROM (SELECT * FROM detect_all WHERE client >= $1 AND client < $2) AS v
JOIN (SELECT * FROM detect_marks WHERE client >= $1 AND client < $2) AS m USING (client)
