-- Clients with a view that bears a sign, by each of the signs that flags ask for (and, where they say so, at no honest address).
CREATE OR REPLACE TEMP TABLE detect_borne AS
SELECT client AS bearer, {borne} FROM detect_all AS v WHERE {any_borne} GROUP BY client
