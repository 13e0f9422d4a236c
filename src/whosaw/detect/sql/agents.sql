-- User agents by number: there are few, and many clients.
CREATE OR REPLACE TEMP TABLE detect_agents AS
SELECT agent, (row_number() OVER (ORDER BY agent))::INTEGER AS number
FROM (SELECT DISTINCT agent FROM clients WHERE agent IS NOT NULL)
