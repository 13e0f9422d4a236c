-- Matches with the client's number and columns; lines that repeat one of another segment are left out.
CREATE OR REPLACE TEMP TABLE sigma_lines AS
SELECT
    f.rule, f.segment, f.line, f.time, f.values AS kept, c.client,
    <<sent: c."@">>
FROM sigma_found AS f
LEFT JOIN clients AS c USING (client)
ANTI JOIN sigma_duplicates AS d ON d.segment = f.segment AND d.line = f.line
