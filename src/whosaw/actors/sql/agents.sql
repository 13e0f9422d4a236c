-- User agents, keys, TLS fingerprints and whatever else is kept in clear, by number: there are few, and many clients.
<<clear: CREATE OR REPLACE TEMP TABLE detect_@_numbers AS
SELECT "@", (row_number() OVER (ORDER BY "@"))::INTEGER AS number
FROM (SELECT DISTINCT "@" FROM clients WHERE "@" IS NOT NULL);
|>>