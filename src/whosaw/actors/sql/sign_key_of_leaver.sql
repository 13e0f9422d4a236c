-- Everybody who holds the key behind the view is on record as staff, and had left before it. A key that somebody else holds,
-- too, or of whose holders staff knows nothing, may be in honest hands.
WITH slack AS (SELECT ?::BIGINT AS micros),
holders AS (SELECT DISTINCT "key", unnest(holders) AS holder FROM detect_keys WHERE "key" IS NOT NULL),
people AS (SELECT staff, max(coalesce(gone, 9223372036854775807)) AS gone FROM detect_staff WHERE staff IS NOT NULL GROUP BY staff),
ends AS (
    SELECT "key", max(coalesce(people.gone, 9223372036854775807)) AS gone
    FROM holders LEFT JOIN people ON people.staff = holders.holder GROUP BY "key"
)
SELECT
    input.*,
    CASE
        WHEN ends."key" IS NULL THEN NULL
        ELSE ends.gone < 9223372036854775807 AND input.time - slack.micros >= ends.gone
    END AS sign
FROM input CROSS JOIN slack LEFT JOIN ends ON ends."key" = input."key"
