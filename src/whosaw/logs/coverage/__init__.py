"""Which hours of a source are in its logs: whole, partial, missing, or without traffic."""
