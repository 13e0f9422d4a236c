-- Clients with views that no finding counts, with what they carry; and held views by what few values a client can carry.
CREATE OR REPLACE TEMP TABLE scope_outside AS
SELECT t.*, c.* EXCLUDE (client) FROM scope_tally AS t JOIN clients AS c USING (client)
WHERE t.unexplained + t.cannot_tell + t.explained > 0;
CREATE OR REPLACE TEMP VIEW scope_of_node AS
SELECT t.held, m.node, c.* FROM scope_tally AS t JOIN {members} AS m USING (client) JOIN clients AS c USING (client);
CREATE OR REPLACE TEMP TABLE scope_base AS
SELECT address, network, agent, tls, "key", node, sum(held)::BIGINT AS held FROM scope_of_node
GROUP BY address, network, agent, tls, "key", node;
