"""Events as lines of key=value pairs, such as logfmt and many firewalls and applications write.

What stands before the first pair are words, and are named `word_1`, `word_2` and so on, as other fields are by their keys. A value
in double quotes may hold spaces, with `\\"` for a quote; one without quotes goes on up to the next pair. Where a key stands twice
with two values, what the two readings differ in is left out, as in JSON (`twice_named`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from whosaw.ingest.canonical_rows import Batch, Zone
from whosaw.ingest.limits import MOST_KEYS
from whosaw.ingest.lines import line_starts, line_text, white_lines
from whosaw.ingest.parser import ChunkText, Parsed
from whosaw.ingest.times.local import FoldState
from whosaw.store.sql import thread_session

from .field_rules import FieldRules
from .field_sql import select_columns
from .json_records import TOO_LONG
from .twice_named import merged

__all__ = ["NO_PAIRS", "PairsParser", "read_pairs"]

NO_PAIRS = "no key=value in it"
_TOO_MANY = f"more than {MOST_KEYS:,} pairs in one event"
_KEY = re.compile(r"(?<![^\s,;|])([A-Za-z_@][A-Za-z0-9_.@/-]{0,99})=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"(?=[\s,;|]|\Z)')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_WORD = re.compile(r'\[([^\[\]]*)\]|"([^"]*)"|([^\s\[\]"]+)')
_BETWEEN = " \t,;|"


def read_pairs(line: str) -> list[tuple[str, str]] | str:
    """The words before the first pair and the pairs, in their order, or why the line is not made of pairs."""
    found = list(_spans(line))
    if not found:
        return NO_PAIRS
    if len(found) > MOST_KEYS:
        return _TOO_MANY
    words = [
        next(part for part in word.groups() if part is not None)
        for word in _WORD.finditer(line[: found[0][1]])
    ]
    return [
        *((f"word_{number}", word) for number, word in enumerate(words, start=1)),
        *((key, value) for key, _, value in found),
    ]  # fmt: skip


def _spans(line: str) -> Iterator[tuple[str, int, str]]:
    """Each key, where it begins, and its value. A key inside of a quoted value is none."""
    key = _KEY.search(line)
    while key is not None:
        begin = key.start()
        quoted = _QUOTED.match(line, key.end())
        if quoted is not None:
            after = _KEY.search(line, quoted.end())
            yield key[1], begin, _ESCAPE.sub(lambda one: _ESCAPES.get(one[1], one[1]), quoted[1])
        else:
            after = _KEY.search(line, key.end())
            end = after.start() if after is not None else len(line)
            yield key[1], begin, line[key.end() : end].strip(_BETWEEN)
        key = after


class PairsParser:
    """Parser of a format of kind pairs."""

    documents = ()

    def __init__(self, item_id: str, rules: FieldRules, zone: Zone) -> None:
        self._id, self._rules, self._zone = item_id, rules, zone
        self._refs = rules.refs()

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        """Whether chunks must come in order: clocks go back."""
        return self._zone.zone is not None and not self._zone.own

    def may_read(self, data: bytes) -> bool:
        """Whether any line may be an event. False is certain: a key that every event needs is nowhere in the bytes."""

        def may_hold(ref: str) -> bool:
            return ref.startswith("word_") or f"{ref}=".encode() in data

        return b"=" in data and self._rules.within(may_hold) is self._rules

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """The events of a chunk of lines."""
        batch, starts = Batch(), line_starts(chunk.data)
        blank = white_lines(chunk.data, starts, b" \t\r\n")
        oversized = set(chunk.oversized_lines)
        firsts: list[tuple[int, list[str | None]]] = []
        twice: list[tuple[int, list[str | None], list[str | None]]] = []
        for row in range(len(starts) - 1):
            number = chunk.first_line + row
            if number in oversized:
                blank[row] = False
                batch.rejects.append((number, TOO_LONG))
            elif not blank[row]:
                pairs = read_pairs(line_text(chunk.data[starts[row] : starts[row + 1]]).lstrip("\ufeff"))
                if isinstance(pairs, str):
                    batch.rejects.append((number, pairs))
                    continue
                one, other = self._values(reversed(pairs)), self._values(pairs)
                if one == other:
                    firsts.append((number, one))
                else:
                    twice.append((number, one, other))
        if firsts:
            batch.rows.append(self._rows(firsts))
        if twice:
            rows, rejects = merged(
                self._rows([(number, one) for number, one, _ in twice]),
                self._rows([(number, other) for number, _, other in twice]),
            )
            batch.rows.append(rows)
            batch.rejects += rejects
        fold = json.loads(state)["fold"] if state else None
        whole = batch.canonical(
            self._zone,
            (fold[0], fold[1], fold[2]) if fold else None,
            format_id=self._id,
            first=chunk.first_line == 1,
        )
        return Parsed(
            events=whole.events,
            rejects=whole.rejects,
            comments=int(np.count_nonzero(blank)) + whole.beside,
            state=_state(whole.fold),
        )

    def _values(self, pairs: Iterable[tuple[str, str]]) -> list[str | None]:
        """The value of each ref: of a key that stands twice the one that comes last."""
        known = dict(pairs)
        return [known.get(ref) for ref in self._refs]

    def _rows(self, found: Sequence[tuple[int, list[str | None]]]) -> pa.Table:
        given = pa.table(
            {
                "n": pa.array([number for number, _ in found], pa.int64()),
                "v": pa.array([values for _, values in found], pa.list_(pa.string())),
            }
        )
        places = {ref: f"v[{place}]" for place, ref in enumerate(self._refs, start=1)}
        return thread_session().query(select_columns(self._rules, places.get, "given"), None, given=given)


def _state(fold: FoldState | None) -> str | None:
    return json.dumps({"fold": fold}) if fold else None
