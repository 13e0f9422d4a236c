"""The look-up page: its own process and port, a sealed table, and no way to a workspace."""

__all__: list[str] = []
