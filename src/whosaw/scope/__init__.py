"""Which views belong to one actor, how many there are with bounds, and what hinders a final number."""
