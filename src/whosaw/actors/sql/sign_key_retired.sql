-- The key behind the view was retired before it, or made after it.
WITH slack AS (SELECT ?::BIGINT AS micros),
keys AS (
    SELECT "key", list({{'made': made, 'retired': retired}}) AS spans FROM detect_keys WHERE "key" IS NOT NULL GROUP BY "key"
)
SELECT
    input.*,
    CASE
        WHEN input."key" IS NULL OR keys."key" IS NULL THEN NULL
        ELSE len(list_filter(keys.spans, lambda s:
            (s.made IS NULL OR s.made <= input.time + slack.micros)
            AND (s.retired IS NULL OR input.time < s.retired + slack.micros))) = 0
    END AS sign
FROM input CROSS JOIN slack LEFT JOIN keys ON keys."key" = input."key"
