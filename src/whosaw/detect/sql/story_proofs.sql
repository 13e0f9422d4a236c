-- story_proofs
-- Of some stories the clients each counted view of which is proven, without a line; of other clients the lines that are.
WITH clients AS (
    SELECT story, client, bool_and(proven) AS whole FROM detect_story_views SEMI JOIN mixed_stories USING (story)
    WHERE counted GROUP BY story, client HAVING bool_or(proven)
)
SELECT story::INTEGER AS story, client::INTEGER AS client, NULL::INTEGER AS content, NULL::BIGINT AS line FROM clients WHERE whole
UNION ALL
SELECT DISTINCT v.story::INTEGER, v.client::INTEGER, v.content::INTEGER, v.line::BIGINT
FROM detect_story_views AS v JOIN clients AS c ON c.story = v.story AND c.client = v.client
WHERE v.counted AND v.proven AND NOT c.whole
ORDER BY story, client, content NULLS FIRST, line
