"""Values of context columns that are neither identifiers nor times: marks, hours of the day, days of the week, and texts
of which only matters whether two are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.week_times import clock, days

from .context_schema import Kind

__all__ = ["NETWORK_HINT", "SHAPES", "alike", "mark", "network", "only_said", "several"]

NETWORK_HINT: Final = "Write it like 192.0.2.0/24 or 2001:db8::/48; of a larger one, each on a row of its own"

_NO: Final = frozenset(("0", "n", "no", "f", "false", "none"))
_BETWEEN: Final = str.maketrans(";,|/", "    ")


def alike(texts: pa.Array) -> pa.Array:
    """The same number for texts that differ in case, spaces and punctuation alone; null where there is none."""
    distinct = texts.unique().drop_null()
    folded = only_said(distinct)
    same = pc.index_in(folded, value_set=folded.unique().drop_null())
    return same.take(pc.index_in(texts, value_set=distinct)).cast(pa.int64())


def only_said(texts: pa.Array) -> pa.Array:
    """Texts without what `alike` passes over; null where nothing is left."""
    folded = pc.utf8_trim(pc.replace_substring_regex(pc.utf8_lower(texts), r"[^\pL\pN]+", " "), " ")
    return pc.if_else(pc.not_equal(folded, ""), folded, pa.scalar(None, pa.string()))


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


# How each kind is read, and what to write instead where that fails.
SHAPES: Final[Mapping[Kind, tuple[Callable[[str], int | None], str]]] = {
    "mark": (mark, "Write yes or no"),
    "clock": (clock, "Write it like 02:00"),
    "days": (days, "Write it like mon-fri or sat;sun"),
}
