-- Without any record, of no view that no finding counts can it be told whose it is.
CREATE OR REPLACE TEMP VIEW scope_loose AS
SELECT v.content, v.line, v.person, v.client, 3::UTINYINT AS answer, v.micros
FROM views AS v ANTI JOIN scope_found_lines USING (content, line) ANTI JOIN scope_whole_clients USING (client)
WHERE NOT v.duplicate;
