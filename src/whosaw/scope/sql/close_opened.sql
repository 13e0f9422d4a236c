-- Clients that carry a session or token which a login on record opened, and whether it was opened in their network: NULL where
-- the log or the login does not say from where.
CREATE OR REPLACE TEMP TABLE scope_opened AS
WITH places AS (SELECT address, min(network) AS network FROM clients WHERE address IS NOT NULL GROUP BY address),
logins AS (
    SELECT l.token, l.session, p.network FROM close_logins AS l LEFT JOIN places AS p ON p.address = l.address
),
opened AS (
    SELECT c.client, c.network, l.network AS place FROM clients AS c JOIN logins AS l ON l.token = c.token
    UNION ALL
    SELECT c.client, c.network, l.network FROM clients AS c JOIN logins AS l ON l.session = c.session
)
-- one login from an unknown place may have been from here
SELECT client, CASE WHEN bool_or(place = network) THEN true WHEN bool_and(coalesce(place <> network, false)) THEN false END AS home
FROM opened GROUP BY client;
