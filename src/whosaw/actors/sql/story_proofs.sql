-- story_proofs
-- Of some stories what is proven, company, or asked (`standing`): clients all of whose counted views have one, without a line, and
-- lines of other clients.
WITH each AS (
    SELECT story, client, content, line, standing FROM detect_story_views SEMI JOIN mixed_stories USING (story) WHERE counted
),
clients AS (
    SELECT story, client, any_value(standing) AS standing, bool_and(standing IS NOT NULL) AND count(DISTINCT standing) = 1 AS whole
    FROM each GROUP BY story, client HAVING count(standing) > 0
)
SELECT story::INTEGER AS story, client::INTEGER AS client, NULL::INTEGER AS content, NULL::BIGINT AS line, standing
FROM clients WHERE whole
UNION ALL
SELECT e.story::INTEGER, e.client::INTEGER, e.content::INTEGER, e.line::BIGINT, min(e.standing)
FROM each AS e JOIN clients AS c ON c.story = e.story AND c.client = e.client
WHERE e.standing IS NOT NULL AND NOT c.whole
GROUP BY e.story, e.client, e.content, e.line
ORDER BY story, client, content NULLS FIRST, line
