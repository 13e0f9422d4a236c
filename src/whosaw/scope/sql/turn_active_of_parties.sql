SELECT p.party, s.spell FROM scope_turn_active AS s JOIN node_parties AS p USING (node)
