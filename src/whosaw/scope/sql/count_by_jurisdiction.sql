SELECT coalesce(j.name, 'unknown') AS name,
       count(*) FILTER (p.held) AS accounts, count(*) FILTER (NOT p.held) AS possible,
       sum(p.views)::BIGINT AS views, sum(p.possible)::BIGINT AS possible_views, min(p.start) AS first, max(p.finish) AS last
FROM count_people p LEFT JOIN count_jurisdictions j USING (person)
GROUP BY coalesce(j.name, 'unknown') ORDER BY coalesce(j.name, 'unknown')
