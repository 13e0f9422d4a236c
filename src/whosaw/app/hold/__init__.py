"""Legal holds: what an order keeps, and whether it is still there."""
