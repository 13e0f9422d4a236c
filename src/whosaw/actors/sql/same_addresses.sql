-- Pairs of the asked flags that come through the same addresses: nearly all addresses of the one with fewer are also the other's, or
-- nearly all views of one and most of the other's come through addresses that both have.
WITH held AS (
    SELECT h.hit, c.address, count(*) AS views
    FROM detect_mark_hits AS h SEMI JOIN asked USING (hit) JOIN detect_hit_views AS v USING (mark) JOIN detect_clients AS c USING (client)
    WHERE c.address IS NOT NULL GROUP BY h.hit, c.address
),
sizes AS (SELECT hit, count(*) AS addresses, sum(views) AS views FROM held GROUP BY hit),
shared AS (
    SELECT a.hit AS one, b.hit AS other, count(*) AS addresses, sum(a.views) AS ones, sum(b.views) AS others
    FROM held AS a JOIN held AS b ON b.address = a.address AND b.hit > a.hit GROUP BY a.hit, b.hit
)
SELECT
    one, other,
    greatest(shared.addresses / least(a.addresses, b.addresses), least(greatest(ones / a.views, others / b.views), 1.0))::DOUBLE AS share
FROM shared JOIN sizes AS a ON a.hit = one JOIN sizes AS b ON b.hit = other
WHERE shared.addresses >= $1 * least(a.addresses, b.addresses)
    OR (greatest(ones / a.views, others / b.views) >= $1 AND least(ones / a.views, others / b.views) >= $2)
ORDER BY one, other
