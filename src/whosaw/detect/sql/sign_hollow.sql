-- The token or session did nothing in the whole log but carry people's data: no other page, no picture, no cart. Only of what has a
-- user agent: a program that speaks to a database does nothing else.
WITH passes AS (
    SELECT coalesce(c.token, -2 - c.session) AS pass, bool_and(c.events = c.views) AS hollow
    FROM detect_clients AS c
    WHERE (c.token IS NOT NULL OR c.session IS NOT NULL) AND c.agent IS NOT NULL GROUP BY pass
)
SELECT input.*, passes.hollow AS sign
FROM input LEFT JOIN passes ON passes.pass = coalesce(input.token, -2 - input.session)
