"""The look-up page: its table out of a scope version, its answers, and what it reports to the case."""

__all__: list[str] = []
