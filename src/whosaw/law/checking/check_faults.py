"""What a notice must not say: each fault that an item of the language recognises, where the case makes it one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from whosaw.packs.toml_file import load_toml

from .clauses import categories_in
from .expected import Expected
from .reader import Reader
from .text import Passage
from .verdict import FAILS, Verdict, spot

__all__ = ["WHERE", "WORDED_LIKE", "Fault", "check_faults", "load_faults"]

_DENIED: Final = "breach-denied"
_FEW: Final = "number-understated"
WORDED_LIKE: Final = " (no phrase that is known: it is worded like sentences that were judged to say so)"
WHERE: Final = ("always", "certain", "uncertain", "copied", "lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is wrong to say, recognised by the part `key` and told as `code`. `where` is one of `WHERE`."""

    key: str
    code: str
    where: str
    about: str
    found: str
    unless_proven: bool


@cache
def load_faults() -> tuple[Fault, ...]:
    """The shipped table, in its order."""
    data = load_toml(Path(str(files("whosaw") / "data" / "checks" / "faults.toml"))).data
    return tuple(
        Fault(
            key=each["key"],
            code=each.get("code", each["key"]),
            where=each["where"],
            about=each["about"],
            found=each["found"],
            unless_proven=each.get("unless_proven", False),
        )
        for each in data["fault"]
    )


def check_faults(reader: Reader, expected: Expected) -> Iterator[Verdict]:
    """A verdict for each fault that is said; what is not said has none."""
    for fault in load_faults():
        if not _applies(fault, expected):
            continue
        left_out = _proven(reader, expected) if fault.unless_proven else frozenset()
        if fault.key == _FEW:
            left_out |= _all_counted(reader, expected)
        place, by_phrase = reader.fault(fault.key, fault.code, left_out)
        if place is None and fault.key == _DENIED:
            place, by_phrase = _all_denied(reader, expected), True
        if place is not None:
            yield Verdict(
                id=f"fault.{fault.code}",
                about=fault.about,
                verdict=FAILS,
                because=fault.found + ("" if by_phrase else WORDED_LIKE),
                language=reader.language.code,
                spots=(spot(place),),
            )


def _all_denied(reader: Reader, expected: Expected) -> Passage | None:
    """Where the text says of everything that was seen that it was not; None where it says so of less."""
    said = {
        each: {name.says for name in reader.named if name.category == each} for each in expected.must_name
    }
    if not said or any(says != {"not seen"} for says in said.values()):
        return None
    return next(each.passage for each in reader.named if each.category in said)


def _proven(reader: Reader, expected: Expected) -> frozenset[Passage]:
    """Passages that speak of no kind of data but those that the ledger proves not seen."""
    held = expected.ledger.categories if expected.ledger is not None else {}
    proven: set[Passage] = set()
    for passage in reader.passages:
        keys = {key for key, _ in categories_in(passage.folded, reader.language)}
        if keys and all(held.get(key) == "not seen" for key in keys):
            proven.add(passage)
    return frozenset(proven)


def _all_counted(reader: Reader, expected: Expected) -> frozenset[Passage]:
    """Passages that give in a word as many people as there are: `nine patients` says of nine that they are nine."""
    low = None if expected.people is None else expected.people[0] or expected.people[1]
    words = [each for each, value in reader.language.reading.numbers.small.items() if low and value == low]
    if not words:
        return frozenset()
    edge = "" if reader.language.reading.joined else r"(?!\w)"
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))}){edge}")
    return frozenset(each for each in reader.passages if pattern.search(each.folded) is not None)


def _applies(fault: Fault, expected: Expected) -> bool:
    match fault.where:
        case "certain":
            return expected.certain is True and not expected.lost
        case "uncertain":
            return expected.certain is False
        case "copied":
            return expected.copied
        case "lost":
            return expected.lost
        case _:
            return True
