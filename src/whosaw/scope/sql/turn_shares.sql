-- Of the stretches and spells in which a party stands, where all that is beside them was kept, how many are at a turn of its other
-- addresses.
WITH beside AS (SELECT unnest([-1, 0, 1]) AS by),
rows AS (SELECT DISTINCT party, coalesce(address, -1) AS address, stretch, spell FROM ({cells})),
cells AS (SELECT party, stretch, spell, min(address) AS low, max(address) AS high FROM rows GROUP BY party, stretch, spell),
asked AS (SELECT * FROM rows SEMI JOIN (SELECT DISTINCT stretch FROM scope_turn_own) USING (stretch)),
hits AS (
    SELECT DISTINCT o.party, o.address, o.stretch, o.spell FROM asked AS o CROSS JOIN beside AS b CROSS JOIN beside AS t
    JOIN cells AS c ON c.party = o.party AND c.stretch = o.stretch + b.by AND c.spell = o.spell + t.by
    WHERE c.low <> o.address OR c.high <> o.address
)
SELECT party, count(*) AS rows, (SELECT count(*) FROM hits AS h WHERE h.party = a.party) AS hits FROM asked AS a GROUP BY party
