-- Their explained views.
INSERT INTO scope_borrowed_lines
SELECT v.content, v.line FROM views AS v SEMI JOIN scope_borrowed AS b ON b.client = v.client
SEMI JOIN (SELECT * FROM scope_cells WHERE answer = 1) AS c ON c.person = v.person AND c.client = v.client AND c.route = v.route
ANTI JOIN scope_found_lines AS l ON l.content = v.content AND l.line = v.line
WHERE NOT v.duplicate
UNION ALL
SELECT s.content, s.line FROM scope_single AS s SEMI JOIN scope_borrowed AS b ON b.client = s.client WHERE s.answer = 1;
INSERT INTO scope_possible SELECT client FROM scope_borrowed ANTI JOIN scope_possible AS p USING (client);
