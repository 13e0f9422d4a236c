-- What a record proves of findings of which it does not prove all: clients each of whose counted views it proves, and lines. scope_marked:
-- what is company, of a crowd, or asked, by client (no line) or by line.
CREATE OR REPLACE TEMP TABLE scope_proof_clients AS
SELECT DISTINCT n.node, p.client FROM proofs AS p JOIN scope_nodes AS n USING (finding) WHERE p.line IS NULL AND p.standing = 0;
CREATE OR REPLACE TEMP TABLE scope_proof_lines AS
SELECT n.node, p.client, p.content, p.line FROM proofs AS p JOIN scope_nodes AS n USING (finding)
WHERE p.line IS NOT NULL AND p.standing = 0;
CREATE OR REPLACE TEMP TABLE scope_marked AS
SELECT n.node, p.client, p.content, p.line, p.standing FROM proofs AS p JOIN scope_nodes AS n USING (finding) WHERE p.standing > 0;
