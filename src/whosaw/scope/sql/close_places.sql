-- By network (-1: not in the log): clients of which a view is held or unexplained (signed), those of them that a chosen finding
-- counts (own), those of which none is held (loose), and clients of which no view is either (others). beside_: the same of clients whose
-- program no client of the chosen findings has. named: others whose program is one of theirs, or all others where not
-- each of their programs has many clients. Clients of other findings that are proven are left out, and so are those that take
-- turns in a walk: chance has been asked about them. What is proven of his own stays, so that more proof does not make the rest look
-- like luck.
WITH mine AS (
    SELECT DISTINCT client FROM (SELECT * FROM scope_several UNION ALL SELECT * FROM scope_partly) SEMI JOIN chosen_nodes USING (node)
),
every AS (
    SELECT k.network, k.program, true AS signed, false AS loose, k.proven,
        k.node IN (SELECT node FROM chosen_nodes) OR k.client IN (SELECT client FROM mine) AS own
    FROM scope_cast AS k WHERE k.whole
    UNION ALL
    SELECT f.network, f.program, t.held > 0 OR t.unexplained > 0, t.held = 0 AND t.unexplained > 0,
        t.client IN (SELECT client FROM scope_proven), t.held > 0 AND t.client IN (SELECT client FROM mine)
    FROM scope_tally AS t JOIN scope_few_rows AS f USING (client) ANTI JOIN scope_turned AS j ON j.client = t.client
    WHERE t.held + t.unexplained + t.explained + t.cannot_tell > 0
),
each AS (SELECT * FROM every WHERE own OR NOT proven),
programs AS (SELECT program, count(*) AS clients FROM each WHERE own GROUP BY program),
few AS (SELECT coalesce(min(clients) < {many}, true) AS scarce FROM programs),
told AS (
    SELECT coalesce(e.network, -1) AS network, e.signed, e.loose, e.own, p.program IS NULL AS beside,
        p.program IS NOT NULL OR (SELECT scarce FROM few) AS named
    FROM each AS e LEFT JOIN programs AS p ON p.program = e.program
)
SELECT network, count(*) FILTER (signed) AS signed, count(*) FILTER (own) AS own, count(*) FILTER (loose) AS loose,
    count(*) FILTER (NOT signed) AS others, count(*) FILTER (NOT signed AND named) AS named,
    count(*) FILTER (signed AND beside) AS beside_signed, count(*) FILTER (loose AND beside) AS beside_loose,
    count(*) FILTER (NOT signed AND beside) AS beside_others
FROM told GROUP BY 1 ORDER BY 1
