SELECT
    story, min(time) AS first_view, max(time) AS last_view, count(DISTINCT address) AS addresses,
    coalesce(sum(extra_at_most) FILTER (person IS NULL), 0)::BIGINT AS unnamed_at_most,
    count(*) FILTER (person IS NULL AND extra_at_most IS NULL) AS unbounded_views
FROM detect_story_views
WHERE counted
GROUP BY story
