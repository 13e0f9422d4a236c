"""How many views, accounts and persons a scope holds: lower bounds from lines, upper bounds from what was not read."""

__all__: list[str] = []
