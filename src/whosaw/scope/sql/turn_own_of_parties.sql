SELECT l.address, NULL::INTEGER AS own, l.stretch, l.spell, sum(l.views) AS views
FROM scope_turn_loose AS l SEMI JOIN scope_turn_beyond AS b ON b.address = l.address
ANTI JOIN scope_party AS p ON p.client = l.client
GROUP BY l.address, l.stretch, l.spell
UNION ALL
SELECT h.address, p.party, h.stretch, h.spell, sum(h.views)
FROM scope_turn_held AS h SEMI JOIN scope_turn_beyond AS b ON b.address = h.address JOIN node_parties AS p USING (node)
WHERE h.few GROUP BY h.address, p.party, h.stretch, h.spell
