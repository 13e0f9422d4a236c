-- From the same address and user agent, in the same hour of the clock or one beside it, somebody asked for the page of a person whom no view ever showed, and
-- was told that there is none.
WITH missed AS (
    SELECT DISTINCT c.address, c.agent, unnest([t.time // 3600000000 - 1, t.time // 3600000000, t.time // 3600000000 + 1]) AS hour
    FROM tries AS t JOIN clients AS c USING (client)
    ANTI JOIN (SELECT DISTINCT person FROM views WHERE person IS NOT NULL) AS seen ON seen.person = t.person
    WHERE t.status IN (404, 410) AND c.address IS NOT NULL
)
SELECT input.*, CASE WHEN input.address IS NULL THEN NULL ELSE missed.hour IS NOT NULL END AS sign
FROM input LEFT JOIN clients AS c ON c.client = input.client
LEFT JOIN missed ON missed.address = input.address AND missed.agent IS NOT DISTINCT FROM c.agent
    AND missed.hour = input.time // 3600000000
