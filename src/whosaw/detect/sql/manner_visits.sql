-- By visit ({visit}): on how many pages about people it was, the least and the largest of them, the one it opened first, and how far
-- apart its views were: its mean pause, from one power of four seconds to the next (-1: less than a second, -2: one view). Numbers
-- of a fixed size, for there may be a hundred million visits, and texts put together cannot leave memory.
WITH pairs AS (
    SELECT client, route, min(epoch_us(time)) AS first, max(epoch_us(time)) AS last, count(*) AS views
    FROM views WHERE NOT duplicate AND route IS NOT NULL GROUP BY client, route
),
steps AS (
    SELECT {visit} AS visit, p.route, min(p.first) AS first, max(p.last) AS last, sum(p.views) AS views
    FROM pairs AS p JOIN detect_clients AS c USING (client) GROUP BY visit, p.route
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
