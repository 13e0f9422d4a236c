-- By client: the order in which its visit first opened pages about people, and how far apart: its mean pause, from one
-- power of four seconds to the next.
CREATE OR REPLACE TEMP TABLE detect_manners AS
WITH seen AS (
    SELECT client, route, min(time) AS first, max(time) AS last, count(*) AS views
    FROM detect_all WHERE route IS NOT NULL GROUP BY client, route
),
visits AS (SELECT client, {visit} AS visit FROM clients AS c),
steps AS (
    SELECT visit, route, min(first) AS first, max(last) AS last, sum(views) AS views
    FROM seen JOIN visits USING (client) GROUP BY visit, route
),
ways AS (
    SELECT
        visit, string_agg(id, ' > ' ORDER BY first, route) AS pages,
        (max(last) - min(first)) / 1e6 / nullif(sum(views) - 1, 0) AS pause
    FROM steps JOIN routes USING (route) GROUP BY visit
)
SELECT
    client, pages || CASE
        WHEN pause IS NULL THEN ''
        WHEN pause < 1 THEN ', less than 1 s apart'
        ELSE ', ' || pow(4, floor(log2(pause) / 2))::BIGINT || ' s to ' || pow(4, floor(log2(pause) / 2) + 1)::BIGINT || ' s apart'
    END AS manner
FROM visits JOIN ways USING (visit)
