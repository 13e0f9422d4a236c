"""What a look-up page keeps while it answers: requests and their limits, apart from every workspace."""

__all__: list[str] = []
