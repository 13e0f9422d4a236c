-- Further people that the pages of known persons may have shown: once per person and page, however often it was read.
-- `open_views` are those for which no such bound is known.
SELECT story, coalesce(sum(most), 0)::BIGINT AS at_most, sum(open_views)::BIGINT AS open_views
FROM (
    SELECT story, person, route, max(extra_at_most) AS most, count(*) FILTER (extra_at_most IS NULL) AS open_views
    FROM detect_story_views
    WHERE person IS NOT NULL AND counted AND (extra_at_most IS NULL OR extra_at_most > 0)
    GROUP BY story, person, route
)
GROUP BY story
