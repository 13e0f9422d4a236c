"""Entries of a custody journal, what it says of itself, and what a command heard of the journals that it used."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = [
    "BROKEN",
    "CANNOT_TELL",
    "HOLDS",
    "Entry",
    "Head",
    "Heard",
    "Signature",
    "Standing",
    "heard",
    "parse_head",
    "worst",
]

HOLDS: Final = "holds"
CANNOT_TELL: Final = "cannot tell"
BROKEN: Final = "broken"
_HEAD = re.compile(r"([1-9][0-9]*):([0-9a-f]{16,64})\Z")
_SHOWN = 32  # letters of a digest that people copy: 128 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it stands in a journal. `time` counts microseconds since 1970 UTC; `body` is canonical JSON, as text, for the hash
    covers its bytes; `previous` is the hash of the entry before."""

    seq: int
    time: int
    who: str
    kind: str
    body: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The signature of the entry `seq`, the key that made it and the one that signs the next entry: public halves, all in hex."""

    seq: int
    key: str
    next: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry of a journal. `hash` covers every entry before it, `root` is the key that the first keyed entry was signed with."""

    entry: int
    hash: str
    root: str

    @property
    def short(self) -> str:
        """As it is printed and can be given back: the number and half of the digest."""
        return f"{self.entry}:{self.hash[:_SHOWN]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether a journal holds, as far as it was looked at, and why where it does not. `keyed_from` is the first entry with a signature."""

    answer: str
    why: tuple[str, ...] = ()
    entries: int = 0
    head: Head | None = None
    keyed_from: int | None = None


@dataclass(slots=True)
class Heard:
    """Filled while a command runs: by folder, how the journal stood, what reading it gave cause to doubt, and what was written last."""

    standing: dict[Path, Standing] = field(default_factory=dict)
    doubts: dict[Path, list[str]] = field(default_factory=dict)
    written: dict[Path, Head] = field(default_factory=dict)
    at_once: Callable[[Path, Head], None] | None = None  # told of each head when it is on disk

    def wrote(self, where: Path, head: Head) -> None:
        self.written[where] = head
        if self.at_once is not None:
            self.at_once(where, head)

    def doubt(self, where: Path, why: str) -> None:
        known = self.doubts.setdefault(where, [])
        if why not in known:
            known.append(why)


heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


def worst(answers: list[str]) -> str:
    """Broken before cannot tell before holds; nothing looked at cannot be told."""
    return next((each for each in (BROKEN, CANNOT_TELL, HOLDS) if each in answers), CANNOT_TELL)


def parse_head(text: str) -> tuple[int, str]:
    """Number and beginning of the digest of a head as it is printed. `ValueError` for anything else."""
    found = _HEAD.match(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no head of a journal, such as 14:9f86d081884c7d659a2feaa0c55ad015")
    return int(found[1]), found[2]
