-- What few values a client can carry as texts, by number.
CREATE OR REPLACE TEMP TABLE scope_programs AS
SELECT agent, tls, "key", (row_number() OVER (ORDER BY agent, tls, "key") - 1)::INTEGER AS program
FROM (SELECT DISTINCT agent, tls, "key" FROM clients);
