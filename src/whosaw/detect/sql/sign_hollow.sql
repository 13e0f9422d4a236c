-- The token or session did nothing in the whole log but carry people's data: no other page, no picture, no cart. Only of what has a
-- user agent: a program that speaks to a database does nothing else. `busy` are those that did more, `silent` those of which it
-- cannot be told; nearly all others are remembered by neither.
WITH carried AS (
    SELECT coalesce(token, -2 - session) AS pass, CASE WHEN agent IS NOT NULL THEN events = views END AS hollow
    FROM detect_clients WHERE token IS NOT NULL OR session IS NOT NULL
),
busy AS (SELECT DISTINCT pass FROM carried WHERE NOT hollow),
unclear AS (SELECT DISTINCT pass FROM carried WHERE hollow IS NULL),
silent AS (
    SELECT pass FROM unclear ANTI JOIN (
        SELECT c.pass FROM carried AS c SEMI JOIN unclear USING (pass) WHERE c.hollow IS NOT NULL
    ) AS clear USING (pass)
)
SELECT
    input.*,
    CASE
        WHEN coalesce(input.token, input.session) IS NULL OR silent.pass IS NOT NULL THEN NULL
        ELSE busy.pass IS NULL
    END AS sign
FROM input
LEFT JOIN busy ON busy.pass = coalesce(input.token, -2 - input.session)
LEFT JOIN silent ON silent.pass = coalesce(input.token, -2 - input.session)
