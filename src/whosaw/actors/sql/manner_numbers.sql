-- There are few manners, so they are numbers, as user agents are.
CREATE OR REPLACE TEMP TABLE detect_manner_kinds AS
WITH kinds AS (
    SELECT DISTINCT low, high, opened, pause, NULL::VARCHAR AS way FROM detect_visits WHERE pages <= 2
    UNION ALL
    SELECT DISTINCT NULL, NULL, NULL, pause, way FROM detect_visits JOIN detect_longer USING (visit)
),
named AS (
    SELECT
        k.*, coalesce(way, CASE WHEN low = high THEN o.id ELSE o.id || ' > ' || n.id END) || CASE
            WHEN pause = -2 THEN ''
            WHEN pause = -1 THEN ', less than 1 s apart'
            ELSE ', ' || pow(4, pause)::BIGINT || ' s to ' || pow(4, pause + 1)::BIGINT || ' s apart'
        END AS manner
    FROM kinds AS k
    LEFT JOIN routes AS o ON o.route = k.opened
    LEFT JOIN routes AS n ON n.route = CASE WHEN k.opened = k.low THEN k.high ELSE k.low END
)
SELECT *, (dense_rank() OVER (ORDER BY manner))::INTEGER AS number FROM named;

CREATE OR REPLACE TEMP TABLE detect_manner_numbers AS SELECT DISTINCT manner, number FROM detect_manner_kinds;
