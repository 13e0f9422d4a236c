-- What the rules matched in one segment, with time and client. Lines that repeat one of their own segment are left out.
INSERT INTO sigma_found
SELECT m.rule, {segment} AS segment, m.line, e.time, c.client, m.values
FROM read_parquet({matches}) AS m
JOIN read_parquet({events}) AS e USING (line)
LEFT JOIN sigma_clients AS c ON c.code = e.client
WHERE NOT e.duplicate
