-- Where the log does not name whom a client saw, its views count as one person: one it saw by name, or one of its own.
CREATE OR REPLACE TEMP TABLE detect_unnamed AS
SELECT client, coalesce(min(person)::BIGINT, 2147483648 + client) AS person
FROM detect_all SEMI JOIN (SELECT DISTINCT client FROM detect_all WHERE person IS NULL) AS unnamed USING (client)
GROUP BY client
