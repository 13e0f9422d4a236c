-- By network (-1: not in the log): clients of which a view is held or unexplained, those of them of which none is held, and
-- clients of which no view is either. Clients of proven findings are left out, and so are those that take turns in a walk: chance has
-- been asked about them.
WITH each AS (
    SELECT network, true AS signed, false AS loose FROM scope_cast WHERE whole AND NOT proven
    UNION ALL
    SELECT f.network, t.held > 0 OR t.unexplained > 0, t.held = 0 AND t.unexplained > 0
    FROM scope_tally AS t JOIN scope_few AS f USING (client) ANTI JOIN scope_proven AS p ON p.client = t.client
    ANTI JOIN scope_turned AS j ON j.client = t.client
    WHERE t.held + t.unexplained + t.explained + t.cannot_tell > 0
)
SELECT coalesce(network, -1) AS network, count(*) FILTER (signed) AS signed, count(*) FILTER (loose) AS loose,
    count(*) FILTER (NOT signed) AS others
FROM each GROUP BY 1 ORDER BY 1
