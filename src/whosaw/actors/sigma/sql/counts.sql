-- Lines of each hit, and what of them were views of persons' data.
SELECT
    hit, h.lines, h.first, h.last, v.first_view, v.last_view, coalesce(v.views, 0) AS views,
    coalesce(v.possible_views, 0) AS possible_views, coalesce(v.twin_views, 0) AS twin_views, coalesce(v.accounts, 0) AS accounts,
    coalesce(v.every_account, 0) - coalesce(v.accounts, 0) AS possible_accounts, coalesce(v.persons_before, 0) AS persons_before,
    coalesce(v.unnamed_views, 0) AS unnamed_views, coalesce(v.unnamed_at_most, 0) AS unnamed_at_most,
    coalesce(v.unbounded_views, 0) AS unbounded_views
FROM (
    SELECT hit, count(*) AS lines, min(time) AS first, max(time) AS last FROM sigma_hits GROUP BY hit
) AS h
LEFT JOIN (
    SELECT
        hit, min(micros) AS first_view, max(micros) AS last_view, count(DISTINCT (segment, line)) FILTER (unsure & 63 = 0) AS views,
        count(DISTINCT (segment, line)) FILTER (unsure & 47 <> 0) AS possible_views,
        count(DISTINCT (segment, line)) FILTER (unsure & 63 = 16) AS twin_views,
        count(DISTINCT person) FILTER (unsure = 0) AS accounts, count(DISTINCT person) AS every_account, count(DISTINCT person) FILTER (micros <= raised_at) AS persons_before,
        count(DISTINCT (segment, line)) FILTER (person IS NULL) AS unnamed_views,
        coalesce(sum(extra_at_most) FILTER (person IS NULL), 0)::BIGINT AS unnamed_at_most,
        count(*) FILTER (person IS NULL AND extra_at_most IS NULL) AS unbounded_views
    FROM sigma_hit_views GROUP BY hit
) AS v USING (hit)
ORDER BY hit
