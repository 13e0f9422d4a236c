"""What hinders a scope from being final, and what to do about each."""

from __future__ import annotations

from collections.abc import Sequence

from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros
from whosaw.core.scope_version import OpenItem

__all__ = ["StillOpenError", "what_to_do"]

_DO = {
    "coverage-gap": "Find the logs of that time and scan them, or state that they are lost",
    "lost-log": "Find a copy of it and scan it, or state that it is lost",
    "ambiguous-link": "Ask whose they are and give the record as context, then make a new version",
    "unread-source": "Scan it, or state why it cannot be read",
    "rejects": "See `whosaw rejects`, name the format with --format, and scan again",
    "unmapped-route": "Say in the data map whose data it carries, or that it carries none, and scan again",
    "route-never-met": "Find the log of it and scan it, or take the route out of the data map if nobody could ask for it",
    "draft-route": "Have somebody confirm the draft in the data map, and scan again",
    "statistical": "Give the record of issued sessions or tokens as --context, and scan again",
    "ledger-moved": "Make a new version of the ledger as it is now: whosaw scope new",
}
_ELSE = "Settle it and make a new version"


def what_to_do(item: OpenItem) -> str:
    """One sentence. An item that says itself what to do goes before the general advice for its code."""
    return item.do or _DO.get(item.code, _ELSE)


class StillOpenError(WhosawError):
    """A scope was to be final and something within its reach is open. Its text lists each item and what to do about it."""

    def __init__(self, case: str, version: int, items: Sequence[OpenItem]) -> None:
        count = len(items)
        super().__init__(
            "scope.open",
            f"{case} {version} cannot be final: {count} point{'' if count == 1 else 's'} within its reach {'is' if count == 1 else 'are'} still open",
            hint="Settle them, or close it with --despite REASON, which is kept with your name",
        )
        self.items = tuple(items)

    def __str__(self) -> str:
        lines = [_line(item) for item in self.items]
        return "\n".join([f"{self.message}. {self.hint}", *lines])


def _line(item: OpenItem) -> str:
    span = (format_instant(from_micros(each)) for each in (item.first, item.last) if each is not None)
    where = " ".join([*(() if item.source is None else (item.source,)), *span])
    more = f"; up to {item.adds_upper:,} more" if item.adds_upper else ""
    place = f" ({where})" if where else ""
    return f"  {item.code}: {item.what.rstrip('.')}{place}{more}. {what_to_do(item)}"
