-- Further people that the pages of known persons may have shown: once per person and page, however often it was read.
SELECT hit, coalesce(sum(most), 0)::BIGINT AS at_most, sum(open_views)::BIGINT AS open_views
FROM (
    SELECT hit, person, route, max(extra_at_most) AS most, count(*) FILTER (extra_at_most IS NULL) AS open_views
    FROM sigma_hit_views WHERE person IS NOT NULL GROUP BY hit, person, route
)
GROUP BY hit
