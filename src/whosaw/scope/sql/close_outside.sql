-- Clients with views that no finding counts, with what they carry; and held views by what few values a client can carry.
CREATE OR REPLACE TEMP TABLE scope_few AS
SELECT f.* EXCLUDE (program), <<clear: p."@">> FROM scope_few_rows AS f JOIN scope_programs AS p USING (program);
CREATE OR REPLACE TEMP TABLE scope_outside AS
SELECT t.*, f.* EXCLUDE (client) FROM scope_tally AS t JOIN scope_few AS f USING (client)
WHERE t.unexplained + t.cannot_tell + t.explained > 0;
CREATE OR REPLACE TEMP VIEW scope_of_node AS
SELECT k.held, k.node, <<numbered: k."@">>, <<clear: p."@">>
FROM scope_cast AS k JOIN scope_programs AS p USING (program);
CREATE OR REPLACE TEMP TABLE scope_base AS
SELECT k.address, k.network, <<clear: p."@">>, k.node, k.held
FROM (SELECT address, network, program, node, sum(held)::BIGINT AS held FROM scope_cast GROUP BY address, network, program, node) AS k
JOIN scope_programs AS p USING (program);
