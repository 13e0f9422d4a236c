-- By visit ({visit}): on how many pages about people it was, the least and the largest of them, the one it opened first, and how far
-- apart its views were: its mean pause, from one power of four seconds to the next (-1: less than a second, -2: one view). Numbers
-- of a fixed size, for there may be a hundred million visits, and texts put together cannot leave memory. One in {portions} of all
-- visits, for these numbers do not fit into memory either.
WITH mine AS (
    SELECT * FROM (SELECT client, {visit} AS visit FROM detect_clients AS c) WHERE abs(visit) % {portions} = {portion}
),
steps AS (
    SELECT visit, route, min(epoch_us(time)) AS first, max(epoch_us(time)) AS last, count(*) AS views
    FROM views JOIN mine USING (client) WHERE NOT duplicate AND route IS NOT NULL GROUP BY visit, route
),
visits AS (
    SELECT
        visit, count(*)::SMALLINT AS pages, min(route) AS low, max(route) AS high,
        (min(first::HUGEINT * 65536 + route) % 65536)::SMALLINT AS opened,
        (max(last) - min(first)) / 1e6 / nullif(sum(views) - 1, 0) AS pause
    FROM steps GROUP BY visit
)
SELECT
    * EXCLUDE (pause),
    CASE WHEN pause IS NULL THEN -2 WHEN pause < 1 THEN -1 ELSE floor(log2(pause) / 2) END::SMALLINT AS pause
FROM visits
