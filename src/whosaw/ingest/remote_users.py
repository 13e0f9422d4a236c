"""Whether anything in a log shows that a web server asked for a proof before it wrote a user's name down.

nginx, Apache and others write the name of Basic authentication also where none is asked for. A server that asks for it refuses a
client's first request with 401. Where names were answered on pages that never refused anybody, and that answer as many without a
name, nothing shows a proof.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client

from .format_item import FormatItem

__all__ = ["RemoteUsers", "Unproven", "add_to_each", "logs_remote_user"]

_LEAST = 20  # answered requests with a name; fewer may have been proven before the log began
_MOST_LOOKED_AT = 200_000  # answered requests, beyond which names and clients are counted no further
_UNAUTHORIZED = 401
_ISSUED = frozenset(client.with_(lambda each: each.says == "issued"))
_ASKED = client.picked(
    "ingest.remote_users",
    "principal",
    "address",
    "agent",
    why="a name, and where Basic authentication sends it from",
)
_FIRST = r"^(?P<first>/[^/?#;]*)"
_MARKS = {"nginx": "$remote_user", "apache": "%u"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """Answered requests with a name on pages that ask for none; how many names, and how many clients had several."""

    requests: int
    names: int
    clients: int

    @property
    def note(self) -> str:
        several = f", {self.clients:,} clients under several" if self.clients else ""
        return (
            f"{self.requests:,} requests were answered under {self.names:,} names{several} that the web server wrote down, on pages that "
            'answer without a name as well and never refused anybody with 401: nothing shows that a name was proven. Write principal = "unproven" before the first '
            'route of the map, or principal = "proven" where the server checks it'
        )


def logs_remote_user(item: FormatItem) -> bool:
    """Whether the principal of a format is the name that a web server took from the request."""
    if item.kind != "template":
        return False
    templates = item.table.get("template") or ()
    each_of = [templates] if isinstance(templates, str) else list(templates)
    texts = [each if isinstance(each, str) else str(each.get("text", "")) for each in each_of]
    # in the common format of web servers it stands before the time
    mark = _MARKS.get(str(item.table.get("syntax", "")), "{principal} [")
    return any(mark in text for text in texts)


@dataclass(slots=True)
class RemoteUsers:
    """Takes in the events of such a format, chunk by chunk in any order."""

    answered: Counter[str] = field(default_factory=Counter)  # by first part of the path
    nameless: Counter[str] = field(default_factory=Counter)
    named: set[tuple[str, str, str, str]] = field(default_factory=set)  # first part, name, address, agent
    refused: set[str] = field(default_factory=set)
    looked_at: int = 0

    def add(self, events: pa.Table) -> None:
        add_to_each(events, [self], [0])

    def take(self, other: RemoteUsers) -> None:
        """Take in what another one took in of one chunk that comes next, as if its events had come here."""
        self.answered.update(other.answered)
        self.nameless.update(other.nameless)
        self.refused |= other.refused
        if self.looked_at < _MOST_LOOKED_AT:
            self.looked_at += other.looked_at
            self.named |= other.named

    def behind(self, looked_at: int) -> RemoteUsers:
        """This one where so many answers were looked at before it: without names that nobody takes in any more."""
        return self if looked_at < _MOST_LOOKED_AT else replace(self, named=set())

    def text(self) -> str:
        """All of it as text, with the names: to be sealed."""
        named = sorted(self.named)
        told = [dict(self.answered), dict(self.nameless), named, sorted(self.refused), self.looked_at]
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> RemoteUsers:
        """What `text` told."""
        answered, nameless, named, refused, looked_at = json.loads(text)
        return cls(
            answered=Counter(answered),
            nameless=Counter(nameless),
            named={(first, name, address, agent) for first, name, address, agent in named},
            refused=set(refused),
            looked_at=looked_at,
        )

    @property
    def unproven(self) -> Unproven | None:
        """None where too few names were answered, or only on pages that refused somebody once or answer hardly anybody else."""
        open_ = [
            first
            for first, many in self.answered.items()
            if first not in self.refused and self.nameless[first] >= many
        ]
        requests = sum(self.answered[first] for first in open_)
        if requests < _LEAST:
            return None
        names = {name for first, name, _, _ in self.named if first in open_}
        clients = {each[1:] for each in self.named if each[1] in names}
        of_client = Counter((address, agent) for _, address, agent in clients)
        several = sum(many > 1 for many in of_client.values())
        return Unproven(requests=requests, names=len(names), clients=several)


def add_to_each(events: pa.Table, users: Sequence[RemoteUsers], starts: Sequence[int]) -> None:
    """Take in the events of several contents at once: those from row `starts[n]` on are for `users[n]`."""
    if not {"path", "status"} <= set(events.column_names):
        return
    rows = np.arange(events.num_rows)
    kept = {"part": pa.array(np.searchsorted(starts, rows, side="right") - 1), "first": _first(events)}
    for name in _ASKED:
        kept[name] = events[name] if name in events.column_names else pa.nulls(len(rows), pa.string())
    table = pa.table(kept)
    refused = _told(pc.equal(events["status"], _UNAUTHORIZED))
    for part, first, _ in _counted(table.filter(refused)):
        users[part].refused.add(first)
    told = pc.and_(pc.greater_equal(events["status"], 200), pc.less(events["status"], 300))
    # who has a session, a token or a key was let in by whatever issued it
    for name in _ISSUED & set(events.column_names):
        told = pc.and_(told, pc.is_null(events[name]))
    answered = table.filter(_told(told))
    nameless = pc.is_null(answered["principal"])
    for part, first, many in _counted(answered.select(["part", "first"]).filter(nameless)):
        users[part].nameless[first] += many
    named = answered.filter(pc.invert(nameless))
    if not named.num_rows:
        return
    for part, first, many in _counted(named):
        users[part].answered[first] += many
    many_of = np.bincount(named["part"].to_numpy(), minlength=len(users)).tolist()
    looking = [each.looked_at < _MOST_LOOKED_AT for each in users]
    for each, looks, many in zip(users, looking, many_of, strict=True):
        each.looked_at += many if looks else 0
    if not any(looking):
        return
    texts = {name: pc.fill_null(named[name].cast(pa.string()), "") for name in named.column_names[1:]}
    distinct = pa.table({"part": named["part"], **texts})
    distinct = distinct.group_by(distinct.column_names, use_threads=False).aggregate([])
    parts, *columns = (column.to_pylist() for column in distinct.columns)
    rows_of = list(zip(*columns, strict=True))
    if len(users) == 1:
        users[0].named.update(rows_of)
        return
    for part, row in zip(parts, rows_of, strict=True):
        if looking[part]:
            users[part].named.add(row)


def _told(mask: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(mask, pa.scalar(value=False))


def _counted(table: pa.Table) -> Iterator[tuple[int, str, int]]:
    """How many rows each first part of a path has in each part."""
    counts = table.group_by(["part", "first"], use_threads=False).aggregate([([], "count_all")])
    return zip(*(counts[name].to_pylist() for name in ("part", "first", "count_all")), strict=True)


def _first(events: pa.Table) -> pa.Array:
    """The first part of each path."""
    paths = events["path"].cast(pa.string()).combine_chunks()
    return pc.fill_null(pc.struct_field(pc.extract_regex(paths, _FIRST), "first"), "")
