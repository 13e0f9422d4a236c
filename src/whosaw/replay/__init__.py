"""Floor 2: a shop and a breach with the truth beside it."""
