"""Whether anything in a log shows that a web server asked for a proof before it wrote a user's name down.

nginx, Apache and others write the name of Basic authentication also where none is asked for. A server that asks for it refuses a
client's first request with 401. Where names were answered on pages that never refused anybody, and that answer as many without a
name, nothing shows a proof.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client

from .format_item import FormatItem

__all__ = ["RemoteUsers", "Unproven", "logs_remote_user"]

_LEAST = 20  # answered requests with a name; fewer may have been proven before the log began
_MOST_LOOKED_AT = 200_000  # answered requests, beyond which names and clients are counted no further
_UNAUTHORIZED = 401
_ISSUED = frozenset(client.with_(lambda each: each.says == "issued"))
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

    _answered: Counter[str] = field(default_factory=Counter)  # by first part of the path
    _nameless: Counter[str] = field(default_factory=Counter)
    _names: dict[str, set[str]] = field(default_factory=dict)
    _of_client: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _refused: set[str] = field(default_factory=set)
    _looked_at: int = 0

    def add(self, events: pa.Table) -> None:
        if not {"path", "status"} <= set(events.column_names):
            return
        self._note_refused(events)
        told = pc.and_(pc.greater_equal(events["status"], 200), pc.less(events["status"], 300))
        # who has a session, a token or a key was let in by whatever issued it
        for name in _ISSUED & set(events.column_names):
            told = pc.and_(told, pc.is_null(events[name]))
        answered = events.filter(pc.fill_null(told, pa.scalar(value=False)))
        bare = answered
        if "principal" in events.column_names:
            bare = answered.filter(pc.is_null(answered["principal"]))
        for each in _first(bare).value_counts().to_pylist():
            self._nameless[each["values"]] += each["counts"]
        if answered.num_rows == bare.num_rows:
            return
        named = answered.filter(pc.is_valid(answered["principal"]))
        firsts = _first(named)
        for each in firsts.value_counts().to_pylist():
            self._answered[each["values"]] += each["counts"]
        if self._looked_at >= _MOST_LOOKED_AT:
            return
        self._looked_at += named.num_rows
        columns = {"first": firsts, "principal": named["principal"].cast(pa.string())}
        for name in ("address", "agent"):
            there = name in named.column_names
            columns[name] = named[name].cast(pa.string()) if there else pa.nulls(named.num_rows, pa.string())
        for row in pa.table(columns).group_by(list(columns)).aggregate([]).to_pylist():
            self._names.setdefault(row["first"], set()).add(row["principal"])
            self._of_client.setdefault((row["address"] or "", row["agent"] or ""), set()).add(
                row["principal"]
            )

    def _note_refused(self, events: pa.Table) -> None:
        refused = events.filter(
            pc.fill_null(pc.equal(events["status"], _UNAUTHORIZED), pa.scalar(value=False))
        )
        if refused.num_rows:
            self._refused |= {each or "" for each in pc.unique(_first(refused)).to_pylist()}

    @property
    def unproven(self) -> Unproven | None:
        """None where too few names were answered, or only on pages that refused somebody once or answer hardly anybody else."""
        open_ = [
            first
            for first, many in self._answered.items()
            if first not in self._refused and self._nameless[first] >= many
        ]
        requests = sum(self._answered[first] for first in open_)
        if requests < _LEAST:
            return None
        names: set[str] = set().union(*(self._names.get(first, set()) for first in open_))
        several = sum(len(own & names) > 1 for own in self._of_client.values())
        return Unproven(requests=requests, names=len(names), clients=several)


def _first(events: pa.Table) -> pa.Array:
    """The first part of each path."""
    paths = events["path"].cast(pa.string()).combine_chunks()
    return pc.fill_null(pc.struct_field(pc.extract_regex(paths, _FIRST), "first"), "")
