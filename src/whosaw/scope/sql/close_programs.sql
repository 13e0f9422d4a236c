-- What few values a client can carry as texts, by number.
CREATE OR REPLACE TEMP TABLE scope_programs AS
SELECT <<clear: "@">>, (row_number() OVER (ORDER BY <<clear: "@">>) - 1)::INTEGER AS program
FROM (SELECT DISTINCT <<clear: "@">> FROM clients);
