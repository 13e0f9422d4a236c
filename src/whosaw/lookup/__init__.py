"""Answers people who ask what of their data was seen: sealed tables, the limits of asking, and the words of an answer."""

__all__: list[str] = []
