"""Floor 3: the use cases; the only place where engines meet."""
