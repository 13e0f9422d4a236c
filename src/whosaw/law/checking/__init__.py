"""Holds a text of any origin against what the law and the ledger ask it to say."""

__all__: list[str] = []
