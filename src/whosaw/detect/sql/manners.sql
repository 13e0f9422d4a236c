-- By client: the order in which its visit first opened pages about people, and how far apart: its mean pause, from one
-- power of four seconds to the next. There are few manners, so they are numbers, as user agents are.
CREATE OR REPLACE TEMP TABLE detect_ways AS
WITH steps AS (
    SELECT {visit} AS visit, route, min(time) AS first, max(time) AS last, count(*) AS views
    FROM detect_base AS c WHERE route IS NOT NULL GROUP BY visit, route
),
ways AS (
    SELECT
        visit, string_agg(id, ' > ' ORDER BY first, route) AS pages,
        (max(last) - min(first)) / 1e6 / nullif(sum(views) - 1, 0) AS pause
    FROM steps JOIN routes USING (route) GROUP BY visit
)
SELECT
    visit, pages || CASE
        WHEN pause IS NULL THEN ''
        WHEN pause < 1 THEN ', less than 1 s apart'
        ELSE ', ' || pow(4, floor(log2(pause) / 2))::BIGINT || ' s to ' || pow(4, floor(log2(pause) / 2) + 1)::BIGINT || ' s apart'
    END AS manner
FROM ways;

CREATE OR REPLACE TEMP TABLE detect_manner_numbers AS
SELECT manner, (row_number() OVER (ORDER BY manner))::INTEGER AS number FROM (SELECT DISTINCT manner FROM detect_ways);

CREATE OR REPLACE TEMP TABLE detect_manners AS
SELECT c.client, n.number AS manner
FROM detect_clients AS c JOIN detect_ways AS w ON w.visit = {visit} JOIN detect_manner_numbers AS n USING (manner);

DROP TABLE detect_ways
