-- Pairs with a habit: which pages followed which, and the middle pause to a factor of two.
CREATE OR REPLACE TEMP TABLE scope_habits AS
WITH steps AS (
    SELECT pair, route, lag(route) OVER w AS before, micros - lag(micros) OVER w AS pause
    FROM scope_habit_views WINDOW w AS (PARTITION BY pair ORDER BY micros, route)
),
each AS (SELECT pair, before, route, pause FROM steps WHERE before IS NOT NULL AND pause <= ?)
SELECT pair, 'pages ' || string_agg(DISTINCT before || '>' || route, ' ' ORDER BY before || '>' || route)
    || ', every ' || (1 << floor(log2(greatest(1, quantile_disc(pause, 0.5) // 1000000)))::INTEGER) || ' s' AS habit
FROM each GROUP BY pair HAVING count(*) >= ?;
