"""Drafts of filings and notices, made from law items, the facts of a case and the words of a language."""

__all__: list[str] = []
