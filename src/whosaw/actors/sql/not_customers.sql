-- Principals on record as staff, or as jobs and partners.
CREATE OR REPLACE TEMP TABLE detect_not_customers AS
SELECT staff AS principal FROM detect_staff WHERE staff >= 0
UNION SELECT principal FROM detect_services WHERE principal >= 0
