-- The place of each person among all whose identifiers hold a number, by kind; places of different kinds are never near.
CREATE OR REPLACE TEMP TABLE detect_places AS
SELECT person, row_number() OVER (ORDER BY kind, value, person) + 1000 * dense_rank() OVER (ORDER BY kind) AS place
FROM numbers
