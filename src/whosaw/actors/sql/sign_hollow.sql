-- The visit ({visit}: a token or session, or also a client that has neither) did nothing in the whole log but carry people's data: no
-- other page, no picture, no cart. Only of what has a user agent: a program that speaks to a database does nothing else. It cannot be
-- told where it did nothing else and not {brief}. `busy` are those that did more, `silent` those of which it cannot be told; nearly
-- all others are remembered by neither.
WITH carried AS (
    SELECT {visit} AS pass, c.events, c.views, CASE WHEN c.agent IS NOT NULL THEN c.events = c.views END AS hollow
    FROM detect_clients AS c WHERE {visit} IS NOT NULL
),
busy AS (SELECT DISTINCT pass FROM carried WHERE NOT hollow),
unclear AS (SELECT DISTINCT pass FROM carried WHERE hollow IS NULL),
silent AS (
    SELECT pass FROM unclear ANTI JOIN (
        SELECT c.pass FROM carried AS c SEMI JOIN unclear USING (pass) WHERE c.hollow IS NOT NULL
    ) AS clear USING (pass)
),
long AS (
    SELECT pass FROM carried AS a WHERE hollow GROUP BY pass HAVING NOT ({brief})
)
SELECT
    c.*,
    CASE
        WHEN {visit} IS NULL OR silent.pass IS NOT NULL THEN NULL
        WHEN busy.pass IS NOT NULL THEN false
        WHEN long.pass IS NULL THEN true
    END AS sign
FROM input AS c
LEFT JOIN busy ON busy.pass = {visit}
LEFT JOIN silent ON silent.pass = {visit}
LEFT JOIN long ON long.pass = {visit}
