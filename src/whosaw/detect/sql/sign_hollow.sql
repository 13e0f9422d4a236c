-- The visit ({visit}: a token or session, or also a client that has neither) did nothing in the whole log but carry people's data: no
-- other page, no picture, no cart. Only of what has a user agent: a program that speaks to a database does nothing else. It cannot be told where it did nothing else and not {brief}.
WITH passes AS (
    SELECT {visit} AS pass, CASE WHEN NOT bool_and(a.events = a.views) THEN false WHEN {brief} THEN true END AS hollow
    FROM clients AS c JOIN activity AS a USING (client)
    WHERE {visit} IS NOT NULL AND c.agent IS NOT NULL GROUP BY pass
)
SELECT c.*, passes.hollow AS sign
FROM input AS c LEFT JOIN passes ON passes.pass = {visit}
