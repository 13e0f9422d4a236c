-- Findings by number, in order of id, and the clients that made their counted views.
CREATE OR REPLACE TEMP TABLE scope_nodes AS
SELECT finding, (row_number() OVER (ORDER BY finding) - 1)::INTEGER AS node FROM (SELECT DISTINCT finding FROM counted);
CREATE OR REPLACE TEMP TABLE scope_members AS
SELECT DISTINCT m.client, n.node FROM members AS m JOIN scope_nodes AS n USING (finding);
