"""What a text is held against: what the law asks it to say, and what the ledger knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from whosaw.core.document import told_as

__all__ = ["AskedItem", "Aware", "Bounds", "Expected", "Ledger"]

Bounds = tuple[int, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedItem:
    """One item of contents of a law item. `owed` is met or undecided; `confidence` is lower where the item itself is unverified.
    `only_for` are the categories for which alone it is asked; none: for all."""

    key: str = field(metadata=told_as(never=True))
    text: str
    item: str
    statute: str
    article: str
    place: str
    confidence: str
    owed: str
    phasing: str = ""
    only_for: tuple[str, ...] = field(default=(), metadata=told_as(never=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """One scope version. `parts` are counts of less than all, such as of one country, by a name and the unit. `categories` are seen,
    not seen or cannot tell, with `why`; `complete` is false while views are open that nothing explains.

    `secondary` says whether people without an account may be in it: yes (proven), perhaps, or no.
    `possible` is why further people may have been seen; empty where that is excluded.
    """

    version: int
    counts: Mapping[str, Bounds]
    parts: tuple[tuple[str, str, Bounds], ...]
    categories: Mapping[str, str]
    why: Mapping[str, str]
    complete: bool
    secondary: str
    possible: tuple[str, ...]
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aware:
    """A time at which the organisation is said to have become aware, as days of the case's zone; `version` where it is that of a
    scope version."""

    first: date
    last: date
    said_by: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Everything of one text. `versions` hold the ledger's versions, the one that counts last. `addressed` are the categories that
    the people addressed had seen, where they are not all of the version's. `area` holds counts of the one place whose law is asked
    about, by its name and the unit: a text may count the people of that place alone."""

    form: str
    asked: tuple[AskedItem, ...]
    versions: tuple[Ledger, ...]
    organisation: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    aware: tuple[Aware, ...] = ()
    word_asked: tuple[AskedItem, ...] = ()
    addressed: tuple[str, ...] | None = None
    group: str = ""
    area: tuple[tuple[str, str, Bounds], ...] = ()
    people: Bounds | None = None
    copied: bool = False
    lost: bool = False

    @property
    def ledger(self) -> Ledger | None:
        return self.versions[-1] if self.versions else None

    @property
    def certain(self) -> bool | None:
        """Whether data of the people addressed are known to have been seen; None where no ledger says anything of them."""
        if self.form == "possible":
            return False
        if self.ledger is None:
            return None
        return True if self.must_name else None

    @property
    def must_name(self) -> tuple[str, ...]:
        """The categories that were seen of the people addressed."""
        if self.addressed is not None:
            return self.addressed
        held = self.ledger.categories if self.ledger is not None else {}
        return tuple(key for key, answer in sorted(held.items()) if answer == "seen")
