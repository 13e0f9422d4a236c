"""What events say of who did it, from where, and what: the three things without which a log line is only a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client

from .format_item import FormatItem

__all__ = ["TIME_ONLY", "WHAT", "WHERE", "WHO", "Meaning", "meaning_of", "meanings_of"]

TIME_ONLY = 0.05
"""Where a smaller part of the events says who, from where or what, a file is told as one of times only."""
WHO = client.with_(lambda each: each.says != "where")
WHERE = client.with_(lambda each: each.place and not each.follows)
WHAT = ("path", "action", "object", "statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How many of the `events` say each thing. `told` say at least one of them; `idle` say nothing but a word that the
    format gives every line of some shape, and `known` are those of them that are of a kind which a product's format knows
    to say nothing, such as a message of sshd that is no login."""

    events: int = 0
    who: int = 0
    where: int = 0
    what: int = 0
    told: int = 0
    idle: int = 0
    known: int = 0

    def __add__(self, other: Meaning) -> Meaning:
        return Meaning(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def time_only(self) -> bool:
        """Whether there are events, and next to none of them says who, from where or what."""
        return self.events > 0 and self.told <= (self.events - self.known) * TIME_ONLY

    @property
    def understood(self) -> int:
        """Events that were understood: none where only their times were."""
        return 0 if self.time_only else self.told + self.known


def meaning_of(events: pa.Table, item: FormatItem | None) -> Meaning:
    """What the events of a format say."""
    return meanings_of(events, item, [0, events.num_rows])[0]


def meanings_of(events: pa.Table, item: FormatItem | None, cuts: Sequence[int]) -> list[Meaning]:
    """What the events of a format say, of those from each of the `cuts` up to the next.

    A word that the format itself gives every line of some shape, and the host that syslog puts before each line, say
    nothing of what was done.
    """
    rows = events.num_rows
    constants, catch_all = _words(item)
    action = events["action"] if "action" in events.column_names else pa.nulls(rows, pa.string())
    given = _is_one_of(action, constants)
    masks: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in (*WHO, *WHERE, *WHAT):
        if name not in events.column_names or (name == "object" and _in_syslog(item)):
            continue
        valid = events[name].is_valid()
        masks[name] = pc.and_not(valid, given) if name == "action" else valid
    who, where, what = (
        _any([masks[name] for name in names if name in masks], rows) for names in (WHO, WHERE, WHAT)
    )
    told = _any([who, where, what], rows)
    idle = pc.and_not(given, told)
    known = pc.and_not(idle, _is_one_of(action, catch_all))
    counts = [
        np.diff(cuts).tolist(),
        *(_counts(mask, cuts) for mask in (who, where, what, told, idle, known)),
    ]
    names = ("events", "who", "where", "what", "told", "idle", "known")
    return [Meaning(**dict(zip(names, each, strict=True))) for each in zip(*counts, strict=True)]


def _in_syslog(item: FormatItem | None) -> bool:
    return item is not None and "syslog" in (
        each.table.get("header") for each in (item, item.second) if each is not None
    )


def _words(item: FormatItem | None) -> tuple[list[str], list[str]]:
    """The actions that the templates of a format set by themselves, and those that a template for all other lines sets."""
    words: list[str] = []
    others: list[str] = []
    while item is not None:
        templates = item.table.get("template")
        for one in templates if isinstance(templates, list) else ():
            action = one.get("set", {}).get("action") if isinstance(one, dict) else None
            if action is not None:
                words.append(action)
                if item.table.get("generic") or one.get("generic"):
                    others.append(action)
        item = item.second
    return words, others


def _is_one_of(column: pa.Array | pa.ChunkedArray, words: list[str]) -> pa.Array | pa.ChunkedArray:
    texts = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    return pc.is_in(texts, value_set=pa.array(words, pa.string()), skip_nulls=True)


def _any(masks: list[pa.Array | pa.ChunkedArray], rows: int) -> pa.Array | pa.ChunkedArray:
    found: pa.Array | pa.ChunkedArray = pa.array([False]).take(pa.array([0] * rows, pa.int64()))
    for mask in masks:
        found = pc.or_(found, mask)
    return found


def _counts(mask: pa.Array | pa.ChunkedArray, cuts: Sequence[int]) -> list[int]:
    """How many are set from each cut up to the next."""
    so_far = np.concatenate(([0], np.cumsum(np.asarray(mask))))
    return [int(each) for each in np.diff(so_far[list(cuts)])]
