-- Clients of addresses that may take turns in a walk: of which views of several persons are loose.
CREATE OR REPLACE TEMP TABLE scope_turn_clients AS
WITH those AS (
    SELECT f.address FROM scope_loose AS l JOIN scope_few AS f USING (client)
    WHERE f.address IS NOT NULL AND l.person IS NOT NULL
    GROUP BY f.address HAVING count(DISTINCT l.person) >= ?
)
SELECT client, address FROM scope_few SEMI JOIN those USING (address);
