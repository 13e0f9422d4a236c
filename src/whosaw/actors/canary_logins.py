"""Canaries that have logins on record: they may be customers, and the table wrong."""

from __future__ import annotations

from whosaw.store.sql import Session

from .statement import statement

__all__ = ["ask_of_canaries", "canary_questions"]


def canary_questions(session: Session) -> tuple[str, ...]:
    """One question about all of them, or none. What they see in sessions of their own is explained, so no finding counts it."""
    row = session.query(statement("canary_logins")).to_pylist()[0]
    return ask_of_canaries(row["canaries"], row["views"])


def ask_of_canaries(canaries: int, views: int) -> tuple[str, ...]:
    """The same from how many canaries have a login, and how many views of theirs were in sessions of their own."""
    if not canaries:
        return ()
    one = canaries == 1
    asked = "1 canary has a login on record: is it a customer?" if one else f"{canaries:,} canaries have logins on record: are they customers?"  # fmt: skip
    kept = "1 view" if views == 1 else f"{views:,} views"
    where = "a session of its own" if one else "sessions of their own"
    return (f"{asked} {kept} in {where} {'is' if views == 1 else 'are'} in no finding",)
