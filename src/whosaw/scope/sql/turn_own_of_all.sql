SELECT address, -1 AS own, stretch, spell, views FROM scope_turn_own SEMI JOIN scope_turn_takers USING (address)
