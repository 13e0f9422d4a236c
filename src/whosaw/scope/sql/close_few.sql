-- How many views are surely of the party, right where they are fewer than {few}: those that its findings count, and those of clients that links
-- or clues joined. A finding counts a line once, so among {few} rows for each finding are {few} lines, where there are so many.
WITH found AS (
    SELECT c.content, c.line FROM counted AS c JOIN scope_nodes AS n USING (finding) SEMI JOIN chosen_nodes USING (node) LIMIT {rows}
),
joined AS (
    SELECT DISTINCT l.content, l.line FROM scope_loose AS l JOIN scope_party AS p USING (client) SEMI JOIN chosen_parties USING (party)
    SEMI JOIN scope_joined USING (client) LIMIT {few}
)
SELECT count(*) AS views FROM (SELECT * FROM found UNION SELECT * FROM joined)
