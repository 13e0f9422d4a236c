SELECT p.party, h.address, h.stretch, h.spell FROM scope_turn_held AS h JOIN node_parties AS p USING (node)
UNION ALL
SELECT p.party, l.address, l.stretch, l.spell FROM scope_turn_loose AS l JOIN scope_party AS p USING (client)
