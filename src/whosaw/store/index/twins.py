"""Joins twins: lines of two sources that are one act become one view, of a client of whom both say something.

Of two lines one stands for the act: a view before what is none, a sure one before a possible one, one that names somebody before
one that does not, and then the line of the inner source. The other is its witness: no view, no try and no event of anybody, but
kept beside it, so that a number can be followed down to both. Where two lines may be one act and may be two, both stay, and the
one that would be the witness is a view that is only possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.store.files import ContentStore, open_parquet
from whosaw.store.numbers.segments import SegmentNumbers
from whosaw.store.overlaps import LiveSegment
from whosaw.store.partitions import Partitions
from whosaw.store.schemas import CLIENTS, TWINS, UNAUTHORIZED, UNSURE_VIEW
from whosaw.store.sql import Session, quote_text
from whosaw.store.vault import DIGEST_BYTES, Vault, as_column

from .cross_duplicates import RepeatedLines
from .twin_lines import TwinLines
from .twin_pairs import MAYBE, NOBODY_NAMED, ROW, SURE, pair_rows
from .twin_rules import Side, TwinRule

__all__ = ["Joiner", "TwinJoin", "merged_clients", "read_rows"]

_COLUMNS = [
    "line",
    "time",
    "client",
    "person",
    "route",
    "view",
    "undecided",
    "unsure",
    "status",
    "duplicate",
    "hash",
]
_PLACE = np.dtype([("segment", np.int32), ("line", np.int64), ("value", np.int64)])
_SEVERAL = 1 << 62  # above it, what tells one set of persons from another
_ODD = np.uint64(0x9E3779B97F4A7C15)
Ints = npt.NDArray[np.int64]


@dataclass(slots=True, kw_only=True)
class TwinJoin:
    """All pairs of a run. `apart`: by rule, how far apart lines with one key of which each source has one stand; `lines`: by rule
    and side, how many lines there were and how many of them have a key; `made`: by rule, pairs that are one act and that may be."""

    pairs: pa.Table
    apart: dict[int, Ints] = field(default_factory=dict)
    lines: dict[Side, list[int]] = field(default_factory=dict)
    made: dict[int, list[int]] = field(default_factory=dict)
    _witnesses: npt.NDArray[Any]
    _merged: npt.NDArray[Any]
    _possible: npt.NDArray[Any]
    _refused: npt.NDArray[Any]
    clients: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    addresses: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def seen(self) -> dict[str, dict[str, Any]]:
        """By rule: how many lines of each side there were and how many have a key; how many keys stand just once in both sources, and
        between which differences of time the middle nine of ten of these lie, and the middle one, in microseconds."""
        found: dict[str, dict[str, Any]] = {}
        for (rule, side), told in sorted(self.lines.items()):
            found.setdefault(str(rule), {"lines": [0, 0], "keyed": [0, 0]})
            found[str(rule)]["lines"][side], found[str(rule)]["keyed"][side] = told
        for rule, apart in self.apart.items():
            count = len(apart)
            quantiles = [int(apart[(count - 1) * each // 20]) for each in (1, 10, 19)] if count else []
            found.setdefault(str(rule), {}).update(once_in_both=count, apart=quantiles)
        for rule, made in self.made.items():
            found.setdefault(str(rule), {}).update(pairs=made)
        return found

    def of(self, segment: int) -> TwinLines | None:
        witnesses, merged, possible, refused = (
            _within(each, segment) for each in (self._witnesses, self._merged, self._possible, self._refused)
        )
        if not (len(witnesses) or len(merged) or len(possible) or len(refused)):
            return None
        return TwinLines(
            witnesses=witnesses["line"],
            merged=merged["line"],
            clients=self.clients[merged["value"]],
            addresses=self.addresses[merged["value"]],
            possible=possible["line"],
            refused=refused["line"],
        )


@dataclass(slots=True, kw_only=True)
class _Found:
    """What parts of the rows came to, part by part."""

    pairs: list[pa.Table] = field(default_factory=list)
    witnesses: list[npt.NDArray[Any]] = field(default_factory=list)
    merged: list[npt.NDArray[Any]] = field(default_factory=list)
    possible: list[npt.NDArray[Any]] = field(default_factory=list)
    refused: list[npt.NDArray[Any]] = field(default_factory=list)
    clients: list[Ints] = field(default_factory=list)
    apart: dict[int, list[Ints]] = field(default_factory=dict)
    made: dict[int, list[int]] = field(default_factory=dict)


class Joiner:
    """Reads the events of twin sources and finds their pairs."""

    def __init__(
        self,
        store: ContentStore,
        spill: Path,
        rules: Sequence[TwinRule],
        sides: Mapping[int, Side],
        categories: Mapping[int, frozenset[str]],
    ) -> None:
        self._store, self._spill, self._rules, self._sides = store, spill, rules, sides
        self._categories = categories

    def join(
        self, rows: Iterable[npt.NDArray[Any]], expected: int, lines: dict[Side, list[int]]
    ) -> tuple[TwinJoin, Ints]:
        """The pairs, and by what they are to be merged: pairs of clients, outer << 32 | inner, ascending."""
        parts = Partitions(self._spill, "twins", ROW, expected)
        found = _Found()
        try:
            for some in rows:
                parts.add(some["key"], some)
            for part in parts.parts():
                self._pair(part, found)
        finally:
            parts.close()
        wanted = np.unique(np.concatenate([np.zeros(0, np.int64), *found.clients]))
        merged = _sorted(found.merged)
        merged["value"] = np.searchsorted(wanted, merged["value"])
        table = pa.concat_tables([TWINS.empty_table(), *found.pairs])
        return TwinJoin(
            pairs=table.sort_by([("segment", "ascending"), ("line", "ascending")]),
            apart={rule: np.sort(np.concatenate(each)) for rule, each in found.apart.items()},
            lines=lines,
            made=found.made,
            _witnesses=_sorted(found.witnesses),
            _merged=merged,
            _possible=_sorted(found.possible),
            _refused=_sorted(found.refused),
        ), wanted

    def _pair(self, rows: npt.NDArray[Any], found: _Found) -> None:
        pairs = pair_rows(rows, self._rules)
        for rule, each in pairs.apart.items():
            found.apart.setdefault(rule, []).append(each)
        outer, inner = rows[pairs.outer], rows[pairs.inner]
        front = _rank(outer) > _rank(inner)  # the outer line stands for the act
        act = np.where(front, outer, inner)
        witness = np.where(front, inner, outer)
        both = act["view"] & witness["view"]
        kind = np.where(both & ~self._covered(act["route"], witness["route"]), MAYBE, pairs.kind)
        joined = kind != MAYBE
        found.witnesses.append(_places(witness[joined]))
        found.possible.append(_places(witness[~joined & both]))
        refused = joined & (act["refused"] | witness["refused"]) & ~act["view"]
        found.refused.append(_places(act[refused]))
        for rule in np.unique(act["rule"]).tolist():
            made = found.made.setdefault(rule, [0, 0])
            made[0] += int((joined & (act["rule"] == rule)).sum())
            made[1] += int((~joined & (act["rule"] == rule)).sum())
        merge = (kind == SURE) & (outer["client"] != inner["client"])
        clients = outer["client"].astype(np.int64) << 32 | inner["client"]
        found.clients.append(np.unique(clients[merge]))
        found.merged.append(_places(act[merge], clients[merge]))
        kept = (joined & (act["view"] | act["failed"] | refused)) | (~joined & both)
        found.pairs.append(
            pa.table(
                [
                    pa.array(witness["segment"][kept]), pa.array(witness["line"][kept]),
                    pa.array(act["segment"][kept]), pa.array(act["line"][kept]), pa.array(act["time"][kept]),
                    pa.array(act["rule"][kept].astype(np.int16)), pa.array(joined[kept]), pa.array(act["view"][kept]),
                ],
                schema=TWINS,
            )
        )  # fmt: skip

    def _covered(self, act: npt.NDArray[np.int16], witness: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
        """Whether the page of the one line holds all categories of the other's."""
        covered: npt.NDArray[np.bool_] = act == witness
        for one, other in sorted(set(zip(act[~covered].tolist(), witness[~covered].tolist(), strict=True))):
            if one >= 0 and other >= 0 and self._categories[other] <= self._categories[one]:
                covered |= (act == one) & (witness == other)
        return covered


def _rank(rows: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    """How much a line says of its act."""
    sure = (rows["unsure"] & UNSURE_VIEW) == 0
    ranks = 8 * rows["view"] + 4 * (rows["view"] & sure) + 2 * (rows["person"] >= 0) + (rows["unsure"] == 0)
    found: npt.NDArray[np.int8] = ranks.astype(np.int8)
    return found


def _places(rows: npt.NDArray[Any], values: Ints | None = None) -> npt.NDArray[Any]:
    made = np.zeros(len(rows), _PLACE)
    made["segment"], made["line"] = rows["segment"], rows["line"]
    if values is not None:
        made["value"] = values
    return made


def _sorted(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    whole = np.concatenate([np.zeros(0, _PLACE), *parts])
    return whole[np.lexsort((whole["line"], whole["segment"]))]


def _within(places: npt.NDArray[Any], segment: int) -> npt.NDArray[Any]:
    first, last = np.searchsorted(places["segment"], (segment, segment + 1))
    return places[first:last]


def read_rows(
    store: ContentStore,
    segments: Sequence[LiveSegment],
    rules: Sequence[TwinRule],
    sides: Mapping[int, Side],
    numbers: Callable[[LiveSegment], SegmentNumbers],
    routes: Mapping[tuple[str, int], int],
    repeated: RepeatedLines,
    lines: dict[Side, list[int]],
) -> Iterator[npt.NDArray[Any]]:
    """The events of twin sources that have a key, segment by segment, in ledger numbers. `numbers` gives those of a segment;
    `lines` is told how many lines there were and how many of them have a key."""
    for segment in segments:
        side = sides[segment.content]
        rule = rules[side[0]]
        with open_parquet(store.path(segment.files["events"])) as file:
            has = rule.column in file.schema_arrow.names
            table = file.read(columns=[*_COLUMNS, *([rule.column] if has else [])], use_threads=False)
        once = ~np.asarray(table["duplicate"].to_numpy(), bool)
        line = table["line"].to_numpy()
        once &= ~np.isin(line, repeated.of(segment.id))
        keyed = table[rule.column].is_valid().to_numpy() if has else np.zeros(len(line), bool)
        told = lines.setdefault(side, [0, 0])
        told[0], told[1] = told[0] + int(once.sum()), told[1] + int((once & keyed).sum())
        rows = np.flatnonzero(once & keyed)
        if not len(rows):  # nothing has a key in what was read under a map without twins, either
            continue
        made = np.empty(len(rows), ROW)
        made["key"] = table[rule.column].fill_null(0).to_numpy()[rows]
        made["rule"], made["side"], made["segment"] = *side, segment.id
        made["line"], made["time"] = line[rows], table["time"].to_numpy()[rows]
        made["hash"] = table["hash"].to_numpy()[rows]
        of = numbers(segment)
        made["client"] = of.clients[table["client"].to_numpy()[rows]]
        made["person"] = _persons(store, segment, table, of.identities)[rows]
        made["view"] = table["view"].to_numpy()[rows]
        made["unsure"] = table["unsure"].to_numpy()[rows]
        position = table["route"].fill_null(-1).to_numpy()[rows]
        made["route"] = _routes(segment, routes)[position]
        undecided = table["undecided"].fill_null(pa.scalar(value=False)).to_numpy()[rows]
        made["failed"] = (position >= 0) & (made["person"] >= 0) & ~made["view"] & ~undecided
        status = table["status"].fill_null(-1).to_numpy()[rows]
        made["refused"] = (status == UNAUTHORIZED) & ~made["view"]
        yield made


def _routes(segment: LiveSegment, routes: Mapping[tuple[str, int], int]) -> npt.NDArray[np.int16]:
    """Route numbers by position of the segment's map; the last is that of none."""
    of_map = {at: number for (digest, at), number in routes.items() if digest == segment.map}
    found = np.full(max(of_map, default=-1) + 2, -1, np.int16)
    for at, number in of_map.items():
        found[at] = number
    return found


def _persons(store: ContentStore, segment: LiveSegment, table: pa.Table, identity: Ints) -> Ints:
    """The number of each line's person, -1 for nobody; of lines that name several, a number that tells their set from others."""
    codes = table["person"].fill_null(-1).to_numpy()
    persons: Ints = np.append(identity, NOBODY_NAMED)[codes].astype(np.int64)
    if "more" not in segment.files:
        return persons
    with open_parquet(store.path(segment.files["more"])) as file:
        more = file.read(use_threads=False)
    line = table["line"].to_numpy()
    at = np.searchsorted(line, more["line"].to_numpy())
    held = (at < len(line)) & (line[np.minimum(at, len(line) - 1)] == more["line"].to_numpy())
    at = at[held]
    others = np.append(identity, NOBODY_NAMED)[more["person"].fill_null(-1).to_numpy()[held]].astype(np.int64)
    several = np.unique(at)
    named = np.unique(np.stack((np.append(at, several), np.append(others, persons[several]))), axis=1)
    mixed = named[1].astype(np.uint64) * _ODD
    mixed ^= mixed >> np.uint64(29)
    mixed *= _ODD
    sums = np.zeros(len(line), np.uint64)
    np.add.at(sums, named[0], mixed)
    persons[several] = _SEVERAL | (sums[several] >> np.uint64(3)).astype(np.int64)
    return persons


def merged_clients(
    session: Session, clients: Sequence[Path], wanted: Ints, vault: Vault
) -> tuple[pa.Table, list[bytes], npt.NDArray[np.int32]]:
    """For pairs of clients (outer << 32 | inner): a row of CLIENTS each (its number still 0), the digest of each, and the number of
    a client that says the same already, -1 where there is none. Where he is comes from the outer line, who he is from the inner one, and
    from the other where it says nothing."""
    asked = pa.table({
        "place": pa.array(np.arange(len(wanted))), "outside": pa.array((wanted >> 32).astype(np.int32)),
        "inside": pa.array((wanted & (2**32 - 1)).astype(np.int32)),
    })  # fmt: skip
    where = client.with_(lambda each: each.says == "where")
    parts = [
        f"CASE WHEN o.{each.follows} IS NULL THEN i.{each.name} ELSE o.{each.name} END AS {each.name}"
        if each.follows
        else f"coalesce({'o' if each.name in where else 'i'}.{each.name}, {'i' if each.name in where else 'o'}.{each.name}) AS {each.name}"
        for each in client.TRAITS
    ]
    same = {
        side: " AND ".join(f"m.{name} IS NOT DISTINCT FROM m.{side}_{name}" for name in client.NAMES)
        for side in ("o", "i")
    }
    both = ", ".join(f"{side}.{name} AS {side}_{name}" for side in ("o", "i") for name in client.NAMES)
    paths = "[" + ", ".join(quote_text(str(path)) for path in clients) + "]"
    found = session.query(
        f"SELECT * EXCLUDE (outside, inside, {', '.join(f'{s}_{n}' for s in ('o', 'i') for n in client.NAMES)}), "
        f"CASE WHEN {same['i']} THEN inside WHEN {same['o']} THEN outside ELSE -1 END AS known FROM ("
        f"SELECT place, outside, inside, o.digest || i.digest AS digests, {', '.join(parts)}, {both} FROM twin_clients "
        f"JOIN read_parquet({paths}) o ON o.client = outside JOIN read_parquet({paths}) i ON i.client = inside) m ORDER BY place",
        twin_clients=asked,
    )
    pairs = np.frombuffer(b"".join(found["digests"].to_pylist()), np.uint8).reshape(-1, DIGEST_BYTES)
    firsts = vault.first(pairs).reshape(-1, 2 * DIGEST_BYTES)
    joined = b"".join(blake2b(each.tobytes(), digest_size=DIGEST_BYTES).digest() for each in firsts)
    digests = [
        each.tobytes() for each in vault.kept(np.frombuffer(joined, np.uint8).reshape(-1, DIGEST_BYTES))
    ]
    arrays = {name: found[name] for name in CLIENTS.names if name in found.column_names}
    arrays["digest"] = as_column(np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16))
    arrays["client"] = pa.array(np.zeros(len(digests), np.int32))
    rows = pa.table({name: arrays[name] for name in CLIENTS.names}).cast(CLIENTS)
    return rows, digests, found["known"].to_numpy().astype(np.int32)
