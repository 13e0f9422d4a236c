-- By address, by whose views of it (own: a party, NULL where no finding counts them) and by another party: how many blocks of
-- numbers the address has people of (blocks), in how many of these at least half of the stretches were at the turn of the
-- party, seen through other addresses (kept), how many are to be expected by chance at most (mean); of how many stretches and
-- spells (rows) how many were at its turn (hits), and the views of these (turns).
WITH beside AS (SELECT unnest([-1, 0, 1]) AS by),
cells AS (
    SELECT party, stretch, spell, min(coalesce(address, -1)) AS low, max(coalesce(address, -1)) AS high
    FROM ({cells}) GROUP BY party, stretch, spell
),
own AS ({own}),
spots AS (SELECT DISTINCT stretch FROM own),
-- where a party stands in each spell, by its own stretches and those beside them, from the spell before to the one after
places AS (
    SELECT DISTINCT c.party, s.stretch, c.spell + t.by AS spell
    FROM cells AS c CROSS JOIN beside AS b JOIN spots AS s ON s.stretch = c.stretch + b.by CROSS JOIN beside AS t
),
weights AS (
    SELECT a.party, a.spell, coalesce(u.views, 0) + 1 AS weight
    FROM (
        SELECT DISTINCT party, e.spell + t.by AS spell FROM (SELECT party, spell FROM cells UNION ALL {active}) AS e CROSS JOIN beside AS t
    ) AS a
    LEFT JOIN scope_turn_usual AS u USING (spell)
),
whole AS (SELECT party, sum(weight) AS weight FROM weights GROUP BY party),
chances AS (
    SELECT p.party, p.stretch, sum(w.weight) / any_value(a.weight) AS chance
    FROM places AS p JOIN weights AS w USING (party, spell) JOIN whole AS a USING (party) GROUP BY p.party, p.stretch
),
hits AS (
    SELECT DISTINCT o.address, o.own, o.stretch, o.spell, c.party
    FROM own AS o CROSS JOIN beside AS b CROSS JOIN beside AS t
    JOIN cells AS c ON c.stretch = o.stretch + b.by AND c.spell = o.spell + t.by
    WHERE (c.low <> o.address OR c.high <> o.address) AND c.party IS DISTINCT FROM o.own
),
asked AS (SELECT DISTINCT address, own, party FROM hits),
every AS (
    SELECT o.address, o.own, a.party, o.stretch // {block} AS block, o.views, h.party IS NOT NULL AS hit, coalesce(c.chance, 0) AS chance
    FROM own AS o JOIN asked AS a ON a.address = o.address AND a.own IS NOT DISTINCT FROM o.own
    LEFT JOIN hits AS h ON h.address = o.address AND h.own IS NOT DISTINCT FROM o.own AND h.party = a.party
        AND h.stretch = o.stretch AND h.spell = o.spell
    LEFT JOIN chances AS c ON c.party = a.party AND c.stretch = o.stretch
),
blocks AS (
    SELECT address, own, party, count(*) AS rows, count(*) FILTER (hit) AS hits, least(1, 2 * avg(chance)) AS chance,
        sum(views) FILTER (hit) AS turns
    FROM every GROUP BY address, own, party, block
)
SELECT address, own, party, count(*) AS blocks, count(*) FILTER (2 * hits >= rows) AS kept, sum(chance)::DOUBLE AS mean,
    sum(rows)::BIGINT AS rows, sum(hits)::BIGINT AS hits, coalesce(sum(turns), 0)::BIGINT AS turns
FROM blocks GROUP BY address, own, party ORDER BY address, own NULLS FIRST, party
