SELECT part, count(*) FILTER (held) AS accounts, count(*) FILTER (NOT held) AS possible
FROM (SELECT part, person, bool_or(held > 0) AS held FROM count_cells GROUP BY part, person)
GROUP BY part ORDER BY part
