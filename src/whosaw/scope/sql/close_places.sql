-- By network (-1: not in the log): clients of which a view is held or unexplained (signed), those of them that a chosen finding
-- counts (own), those of which none is held (loose), and clients of which no view is either (others). beside_: the same of clients whose
-- program no client of the chosen findings has. named: others whose program is one of theirs, or all others where not
-- each of their programs has many clients. Clients of other findings that are proven are left out, and so are those that take
-- turns in a walk: chance has been asked about them; and so are agents of a desk (other_desk) who bear the sign, for it is tickets that
-- say so of them, and not what says it of his.
-- found_: the same where only the counted ones are signed. What is proven of his own stays, so that more proof does not make the rest look
-- like luck.
WITH mine AS (
    SELECT DISTINCT client FROM (SELECT * FROM scope_several UNION ALL SELECT * FROM scope_partly) SEMI JOIN chosen_nodes USING (node)
),
every AS (
    SELECT k.network, k.program, true AS signed, true AS found, false AS loose,
        k.proven OR k.principal IN (SELECT principal FROM other_desk) AS apart,
        k.node IN (SELECT node FROM chosen_nodes) OR k.client IN (SELECT client FROM mine) AS own
    FROM scope_cast AS k WHERE k.whole
    UNION ALL
    SELECT f.network, f.program, t.held > 0 OR t.unexplained > 0, t.held > 0, t.held = 0 AND t.unexplained > 0,
        t.client IN (SELECT client FROM scope_proven)
            OR (t.held + t.unexplained > 0 AND f.principal IN (SELECT principal FROM other_desk)),
        t.held > 0 AND t.client IN (SELECT client FROM mine)
    FROM scope_tally AS t JOIN scope_few_rows AS f USING (client) ANTI JOIN scope_turned AS j ON j.client = t.client
    WHERE t.held + t.unexplained + t.explained + t.cannot_tell > 0
),
each AS (SELECT * FROM every WHERE own OR NOT coalesce(apart, false)),
programs AS (SELECT program, count(*) AS clients FROM each WHERE own GROUP BY program),
few AS (SELECT coalesce(min(clients) < {many}, true) AS scarce FROM programs),
told AS (
    SELECT coalesce(e.network, -1) AS network, e.signed, e.found, e.loose, e.own, p.program IS NULL AS beside,
        p.program IS NOT NULL OR (SELECT scarce FROM few) AS named
    FROM each AS e LEFT JOIN programs AS p ON p.program = e.program
)
SELECT network, count(*) FILTER (signed) AS signed, count(*) FILTER (own) AS own, count(*) FILTER (loose) AS loose,
    count(*) FILTER (NOT signed) AS others, count(*) FILTER (NOT signed AND named) AS named,
    count(*) FILTER (signed AND beside) AS beside_signed, count(*) FILTER (loose AND beside) AS beside_loose,
    count(*) FILTER (NOT signed AND beside) AS beside_others,
    count(*) FILTER (found) AS found_signed, count(*) FILTER (NOT found) AS found_others,
    count(*) FILTER (NOT found AND named) AS found_named
FROM told GROUP BY 1 ORDER BY 1
