-- User agents, keys and TLS fingerprints by number: there are few, and many clients.
CREATE OR REPLACE TEMP TABLE detect_agents AS
SELECT agent, (row_number() OVER (ORDER BY agent))::INTEGER AS number
FROM (SELECT DISTINCT agent FROM clients WHERE agent IS NOT NULL);

CREATE OR REPLACE TEMP TABLE detect_key_numbers AS
SELECT "key", (row_number() OVER (ORDER BY "key"))::INTEGER AS number
FROM (SELECT DISTINCT "key" FROM clients WHERE "key" IS NOT NULL);

CREATE OR REPLACE TEMP TABLE detect_tls_numbers AS
SELECT tls, (row_number() OVER (ORDER BY tls))::INTEGER AS number
FROM (SELECT DISTINCT tls FROM clients WHERE tls IS NOT NULL);
