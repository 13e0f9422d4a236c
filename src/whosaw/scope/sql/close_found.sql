-- The lines of the other findings; scope_found: the views that any finding counts, once for each finding.
CREATE OR REPLACE TEMP TABLE scope_whole AS SELECT node FROM whole_nodes;
CREATE OR REPLACE TEMP TABLE scope_found_lines AS
SELECT c.content, c.line, n.node FROM counted AS c JOIN scope_nodes AS n USING (finding) ANTI JOIN scope_whole AS w ON w.node = n.node;
CREATE OR REPLACE TEMP TABLE scope_whole_clients AS SELECT DISTINCT client FROM scope_members SEMI JOIN scope_whole USING (node);
CREATE OR REPLACE TEMP VIEW scope_found AS
SELECT v.content, v.line, v.person, v.client, m.node
FROM views AS v JOIN scope_members AS m USING (client) SEMI JOIN scope_whole AS w ON w.node = m.node WHERE NOT v.duplicate
UNION ALL
SELECT v.content, v.line, v.person, v.client, l.node
FROM views AS v JOIN scope_found_lines AS l USING (content, line) WHERE NOT v.duplicate;
