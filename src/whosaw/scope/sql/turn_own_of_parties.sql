SELECT l.address, NULL::INTEGER AS own, l.stretch, l.spell, sum(l.views) AS views
FROM scope_turn_loose AS l ANTI JOIN scope_party AS p ON p.client = l.client GROUP BY l.address, l.stretch, l.spell
UNION ALL
SELECT h.address, p.party, h.stretch, h.spell, sum(h.views)
FROM scope_turn_held AS h JOIN node_parties AS p USING (node)
WHERE h.few AND h.address IS NOT NULL GROUP BY h.address, p.party, h.stretch, h.spell
