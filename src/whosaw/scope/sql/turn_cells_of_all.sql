SELECT 0 AS party, address, stretch, spell FROM scope_turn_held
UNION ALL
SELECT 0, address, stretch, spell FROM scope_turn_own SEMI JOIN scope_turn_takers USING (address)
