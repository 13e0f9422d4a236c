-- By route: accounts held and possible ones, and further persons of held and of all responses.
SELECT route, count(*) FILTER (held > 0) AS accounts, count(*) FILTER (held = 0) AS possible,
       coalesce(sum(extra) FILTER (held > 0), 0)::BIGINT AS others, coalesce(sum(extra), 0)::BIGINT AS every_other,
       coalesce(sum(open) FILTER (held > 0), 0)::BIGINT AS open_held, sum(open)::BIGINT AS open_every, coalesce(max(extra), 0) AS most
FROM count_pairs GROUP BY route ORDER BY route
