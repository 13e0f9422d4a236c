"""Which detectors prove views that they count: those that look each up in a record, and do not only find that there are too many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .detectors import Clause, Detector

__all__ = ["asks_no_table", "counts_a_crowd", "keeps_company", "proves", "proves_all"]

# Tables of the context that say of single views that nobody had a reason for them.
_PROVING: Final = frozenset(("staff", "tickets", "keys", "services", "canaries", "subjects"))
# Kinds that ask something of single views. The others count views, and a table only says whose are left out.
_LOOKING: Final = frozenset(("sign", "canary", "records", "list"))
# Kinds that flag for one view, or for one kind of page.
_FOR_ONE_VIEW: Final = frozenset(("canary", "records", "list"))
# Kinds that flag a place for more of something than is usual, and count what is usual with it.
_OF_A_CROWD: Final = frozenset(("way", "surge"))


def proves(detector: Detector) -> bool:
    """Whether it looks views up, such tables are all that it asks for, and it asks for any."""
    asked = _tables(detector.needs)
    return detector.kind in _LOOKING and bool(asked) and _PROVING.issuperset(asked)


def proves_all(detector: Detector) -> bool:
    """Whether it proves each view that it counts, and not only those that bear its sign, are lists, or were made by a client that read a canary."""
    return proves(detector) and detector.kind == "sign" and not any(map(_counts_others, detector.clauses))


def keeps_company(detector: Detector) -> bool:
    """Whether of what it counts it proves one view, or one kind of page, and the rest is what else was seen there."""
    return proves(detector) and detector.kind in _FOR_ONE_VIEW


def counts_a_crowd(detector: Detector) -> bool:
    """Whether it counts what is usual at a place together with what is more than that."""
    return detector.kind in _OF_A_CROWD


def asks_no_table(detector: Detector) -> bool:
    """Whether it would flag whom it flags without any table: tables only take away from what it counts."""
    return not detector.needs and all(clause.counted != "unexplained" for clause in detector.clauses)


def _counts_others(clause: Clause) -> bool:
    """Views of one actor have the answer of an explanation each by itself, and of some it cannot be told."""
    return clause.members == "all" and clause.sign is not None and bool(clause.sign.rule)


def _tables(needs: Sequence[str]) -> set[str]:
    """The tables behind needs such as `staff` and `staff.subject or subjects.staff`."""
    return {part.partition(".")[0] for need in needs for part in need.split(" or ")}
