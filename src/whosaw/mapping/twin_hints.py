"""Which sources seem to log the same acts, so that a map should declare them twins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.index.twin_pairs import MAYBE, NOBODY_NAMED, ROW, pair_rows
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.sql import Session

from .twins import Twins, key_texts

__all__ = ["TwinHint", "TwinHints"]

_MOST = 1 << 20  # lines of a source that are looked at
_FEWEST = 10  # acts that both must show
_SHARE = 0.5  # of the lines that have a key, in the source that has fewer of them
_WITHIN = (("2s", 2), ("10s", 10), ("1m", 60), ("5m", 300), ("1h", 3_600), ("24h", 86_400))
_FIELD = "request_id"
_RULES: Final = {
    "request": TwinRule(sources=("", ""), by="request", within=86_400_000_000),
    "page": TwinRule(sources=("", ""), by="page", within=2_000_000),
}
Rows = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinHint:
    """Two sources, the one that knows more addresses first: `shared` acts stand in both, of `lines` that the one with fewer has,
    nearly all of them within `within` (a length of time as maps write it)."""

    sources: tuple[str, str]
    by: Literal["request_id", "client-path-time"]
    shared: int
    lines: int
    within: str

    def __str__(self) -> str:
        what = "request ids" if self.by == "request_id" else "clients, pages and times"
        return (
            f"{self.sources[0]} and {self.sources[1]} log the same acts: {self.shared:,} of {self.lines:,} {what} stand in both, so each act "
            f'counts twice. If one passes requests on to the other, write [[twins]] sources = ["{self.sources[0]}", "{self.sources[1]}"], '
            f'by = "{self.by}", within = "{self.within}"'
        )


@dataclass(slots=True)
class _Source:
    """What was seen of a source: by kind of key, hashes and times; hashes of addresses."""

    keys: dict[str, list[tuple[Rows, npt.NDArray[np.int64]]]] = field(
        default_factory=lambda: {"request": [], "page": []}
    )
    addresses: list[Rows] = field(default_factory=list)
    lines: int = 0


class TwinHints:
    """Takes events source by source; `result` compares each source with each other, `notes` says what becomes of declared twins."""

    def __init__(self, declared: Sequence[Twins] = ()) -> None:
        self._sources: dict[str, _Source] = {}
        self._declared = declared
        named = dict.fromkeys([name for each in declared for name in each.fields] + [_FIELD])
        self._asked = [Twins(rule=rule, fields=tuple(named)) for rule in _RULES.values()]

    def add(self, source: str, events: pa.Table, session: Session) -> None:
        seen = self._sources.setdefault(source, _Source())
        if not events.num_rows or seen.lines >= _MOST:
            return
        seen.lines += events.num_rows
        texts = key_texts(events, self._asked, session)
        time = np.asarray(events["time"].combine_chunks().cast(pa.int64()))
        for kind, rule in _RULES.items():
            hashes, rows = _hashed(texts[rule.column], session)
            seen.keys[kind].append((hashes, time[rows]))
        if "address" in events.column_names:
            hashes, _ = _hashed(events["address"].cast(pa.string()), session)
            seen.addresses.append(np.unique(hashes))

    def notes(self) -> tuple[str, ...]:
        """Of the declared twins: how many lines have a partner, or that a source is not there."""
        told = []
        for rule in (each.rule for each in self._declared):
            outer, inner = rule.sources
            if absent := [name for name in rule.sources if name not in self._sources]:
                told.append(f"twins {outer} and {inner}: no log here is the source {absent[0]}")
                continue
            rows = self._rows(rule.sources, rule.by)
            lines = [int((rows["side"] == side).sum()) for side in (0, 1)]
            pairs = pair_rows(rows, [rule])
            maybe = int((pairs.kind == MAYBE).sum())
            told.append(
                f"twins {outer} and {inner}: {len(pairs.kind):,} of {lines[0]:,} and {lines[1]:,} lines have a partner"
                + (f", {maybe:,} of them perhaps" if maybe else "")
            )
        return tuple(told)

    def result(self) -> tuple[TwinHint, ...]:
        """Pairs that no twins are declared for."""
        known = {frozenset(each.rule.sources) for each in self._declared}
        hints = []
        for names in combinations(sorted(self._sources), 2):
            if frozenset(names) in known:
                continue
            hint = self._by(names, "request") or self._by(names, "page")
            if hint is not None:
                hints.append(hint)
        return tuple(hints)

    def _by(self, names: tuple[str, str], kind: Literal["request", "page"]) -> TwinHint | None:
        rows = self._rows(names, kind)
        lines = min(int((rows["side"] == side).sum()) for side in (0, 1))
        pairs = pair_rows(rows, [_RULES[kind]])
        shared = len(pairs.outer)
        if shared < max(_FEWEST, _SHARE * lines):
            return None
        apart = np.sort(np.abs(rows["time"][pairs.outer] - rows["time"][pairs.inner]))
        seconds = int(apart[(shared - 1) * 99 // 100]) / 1_000_000
        within = next((text for text, most in _WITHIN if seconds <= most), _WITHIN[-1][0])
        return TwinHint(
            sources=self._ordered(names),
            by="request_id" if kind == "request" else "client-path-time",
            shared=shared,
            lines=lines,
            within=within,
        )

    def _rows(self, names: tuple[str, str], kind: str) -> npt.NDArray[np.void]:
        parts = [
            _rows(part, side) for side, name in enumerate(names) for part in self._sources[name].keys[kind]
        ]
        rows = np.concatenate([np.zeros(0, ROW), *parts])
        rows["line"] = np.arange(len(rows))
        return rows

    def _ordered(self, names: tuple[str, str]) -> tuple[str, str]:
        """The source in front sees the addresses of clients; the one behind it mostly that of the one in front."""
        first, second = names
        return names if self._addresses(first) >= self._addresses(second) else (second, first)

    def _addresses(self, name: str) -> int:
        return len(np.unique(np.concatenate([np.zeros(0, np.uint64), *self._sources[name].addresses])))


def _hashed(texts: pa.Array | pa.ChunkedArray, session: Session) -> tuple[Rows, npt.NDArray[np.int64]]:
    """Hashes of the texts that are there, and their rows."""
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    found = session.query("SELECT hash(t) AS h FROM texts", texts=pa.table({"t": column.drop_null()}))
    return np.asarray(found["h"].combine_chunks()).astype(np.uint64), rows


def _rows(part: tuple[Rows, npt.NDArray[np.int64]], side: int) -> npt.NDArray[np.void]:
    made = np.zeros(len(part[0]), ROW)
    made["key"], made["time"], made["side"], made["person"] = *part, side, NOBODY_NAMED
    return made
