"""Values of context columns that are neither identifiers nor times: marks, hours of the day, days of the week, and texts
of which only matters whether two are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from .context_schema import Kind

__all__ = ["NETWORK_HINT", "SHAPES", "alike", "clock", "days", "mark", "network", "several"]

NETWORK_HINT: Final = "Write it like 192.0.2.0/24 or 2001:db8::/48; of a larger one, each on a row of its own"

_NO: Final = frozenset(("0", "n", "no", "f", "false", "none"))
_BETWEEN: Final = str.maketrans(";,|/", "    ")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def alike(texts: pa.Array) -> pa.Array:
    """The same number for texts that differ in case, spaces and punctuation alone; null where there is none."""
    distinct = texts.unique().drop_null()
    folded = pc.replace_substring_regex(pc.utf8_lower(distinct), r"[^\pL\pN]+", " ")
    folded = pc.utf8_trim(folded, " ")
    same = pc.index_in(folded, value_set=pc.filter(folded, pc.not_equal(folded, "")).unique())
    return same.take(pc.index_in(texts, value_set=distinct)).cast(pa.int64())


def several(text: str) -> list[str]:
    """The names in one cell: `anna;bo`, `anna, bo`, `anna|bo`."""
    return [part for part in text.translate(_BETWEEN).split() if part]


def network(text: str) -> str:
    """A network as logs are told apart by it, a /24 or a /48; empty where it is none."""
    try:
        found = ip_network(text.strip())
    except ValueError:
        return ""
    return str(found) if found.prefixlen == (24 if found.version == 4 else 48) else ""


def mark(text: str) -> int | None:
    """1 for whatever is written there, as `yes` or `actor`; 0 for a no."""
    return 0 if text.strip().casefold() in _NO else 1


def clock(text: str) -> int | None:
    """Minutes since midnight of `02:00` or `2`; None when it is no time of day. 24:00 is the end of the day."""
    hours, colon, rest = text.strip().partition(":")
    minutes = rest[:2] if colon else "0"
    if not (hours.isdecimal() and minutes.isdecimal() and rest[2:] in ("", ":00")):
        return None
    found = int(hours) * 60 + int(minutes)
    return found if int(minutes) < 60 and found <= 24 * 60 else None


def days(text: str) -> int | None:
    """A bit for each day of the week, Monday the lowest, of `mon-fri`, `sat;sun`, `1-5` or `daily`; None when it says none."""
    said = text.strip().casefold()
    if said in ("daily", "every day", "*"):
        return 127
    found = 0
    for part in said.replace(";", " ").replace(",", " ").replace("/", " ").split():
        ends = [_day(each) for each in part.split("-")]
        if len(ends) > 2 or None in ends:
            return None
        first, last = ends[0] or 0, ends[-1] or 0
        for step in range((last - first) % 7 + 1):
            found |= 1 << (first + step) % 7
    return found or None


def _day(text: str) -> int | None:
    """0 for Monday, by the beginning of its English name or by its number in ISO 8601 (1 to 7)."""
    if text.isdecimal():
        return int(text) - 1 if 1 <= int(text) <= 7 else None
    return _DAYS.index(text[:3]) if text[:3] in _DAYS else None


# How each kind is read, and what to write instead where that fails.
SHAPES: Final[Mapping[Kind, tuple[Callable[[str], int | None], str]]] = {
    "mark": (mark, "Write yes or no"),
    "clock": (clock, "Write it like 02:00"),
    "days": (days, "Write it like mon-fri or sat;sun"),
}
