-- How many views are surely of the party, counted up to {few}: those that its findings count, and those of clients that links or clues joined.
WITH found AS (
    SELECT c.content, c.line FROM counted AS c JOIN scope_nodes AS n USING (finding) SEMI JOIN chosen_nodes USING (node) LIMIT {few}
),
joined AS (
    SELECT l.content, l.line FROM scope_loose AS l JOIN scope_party AS p USING (client) SEMI JOIN chosen_parties USING (party)
    SEMI JOIN scope_joined USING (client) LIMIT {few}
)
SELECT count(*) AS views FROM (SELECT * FROM found UNION SELECT * FROM joined)
