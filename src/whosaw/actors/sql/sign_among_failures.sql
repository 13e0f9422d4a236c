-- From the same address and user agent, in the same hour of the clock or one beside it, at least {failures} requests that showed no token
-- were refused (401), where `people` is how many people were seen. `known_at` is when so many had been refused: failures after the
-- view count, too.
SELECT
    input.*,
    CASE WHEN input.address IS NULL OR input.person IS NULL THEN NULL ELSE many.hour IS NOT NULL END AS sign,
    many.known_at
FROM input
LEFT JOIN {table} AS many ON many.address = input.address AND many.agent IS NOT DISTINCT FROM input.agent AND many.hour = input.time // 3600000000
