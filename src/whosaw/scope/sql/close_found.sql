-- The lines of findings that do not count every view of their clients.
CREATE OR REPLACE TEMP TABLE scope_found_lines AS
SELECT c.content, c.line, n.node FROM counted AS c JOIN scope_nodes AS n USING (finding) ANTI JOIN scope_whole AS w ON w.node = n.node;
