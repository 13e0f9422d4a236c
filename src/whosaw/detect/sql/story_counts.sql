SELECT
    story, min(time) AS first_view, max(time) AS last_view, count(DISTINCT (content, line)) AS views,
    count(DISTINCT person) AS accounts, count(DISTINCT address) AS addresses,
    count(DISTINCT person) FILTER (time <= raised_at) AS persons_before,
    count(DISTINCT (content, line)) FILTER (person IS NULL) AS unnamed_views,
    coalesce(sum(extra_at_most) FILTER (person IS NULL), 0)::BIGINT AS unnamed_at_most,
    count(*) FILTER (person IS NULL AND extra_at_most IS NULL) AS unbounded_views,
    count(DISTINCT (content, line)) FILTER (answer = 2) AS unexplained,
    count(DISTINCT (content, line)) FILTER (answer IN (2, 3)) AS not_explained
FROM detect_story_views
WHERE counted
GROUP BY story
