SELECT 0, spell FROM scope_turn_active
