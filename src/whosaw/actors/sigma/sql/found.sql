-- What the rules matched in one segment, with time and client. Lines that repeat one of their own segment are left out.
INSERT INTO sigma_found
SELECT m.rule, {segment} AS segment, m.line, e.time, c.digest, m.values
FROM read_parquet({matches}) AS m
JOIN read_parquet({events}) AS e USING (line)
LEFT JOIN (SELECT file_row_number AS code, digest FROM read_parquet({clients}, file_row_number = true)) AS c
    ON c.code = e.client
WHERE NOT e.duplicate
