-- By network (-1: not in the log): clients of which a view is held or unexplained, those of them of which none is held, and
-- clients of which no view is either. Clients of proven findings are left out.
SELECT coalesce(c.network, -1) AS network,
    count(*) FILTER (t.held > 0 OR t.unexplained > 0) AS signed,
    count(*) FILTER (t.held = 0 AND t.unexplained > 0) AS loose,
    count(*) FILTER (t.held = 0 AND t.unexplained = 0) AS others
FROM scope_tally AS t JOIN clients AS c USING (client) ANTI JOIN scope_proven USING (client)
WHERE t.held + t.unexplained + t.explained + t.cannot_tell > 0
GROUP BY 1 ORDER BY 1
