"""A file that holds two formats: the lines of a product, and lines that are plainly not its own, such as its messages.

A line that the first format refuses goes to the second only where it cannot hold a request: a request that was spelled so that
it is refused must stay a reject that is seen, and not become an event without a path."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.errors import WhosawError

from .format_item import FormatItem
from .lines import lines_of
from .parser import ChunkText, Parsed, Parser, Piece, rejects_table
from .structured.field_rules import parse_path

__all__ = ["TwoFormats", "marks_of"]


def marks_of(item: FormatItem) -> tuple[bytes, ...] | None:
    """Bytes of which each line of a format holds some; None where no such are known.

    Of JSON these are the names that the format cannot do without, of a template that puts requests in quotes the quote.
    """
    if item.kind == "json":
        required = item.table.get("require", [])
        names = [*required, *item.table.get("where", {})]
        flat = [one for name in names for one in (name if isinstance(name, list) else [name])]
        leaves = [step for name in flat if isinstance(step := parse_path(name)[-1], str)]
        return tuple(json.dumps(leaf, ensure_ascii=False).encode() for leaf in leaves) or None
    if item.kind == "template" and not item.table.get("header"):
        return (b'"',) if '"' in str(item.table.get("template", "")) else None
    return None


class TwoFormats:
    """Parses with the first format, and what that refuses and cannot be its own with the second."""

    def __init__(self, first: Parser, second: Parser, marks: tuple[bytes, ...], id_: str) -> None:
        self._first, self._second, self._marks, self._id = first, second, marks, id_

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        """Whether chunks of either format must come in order."""
        return self._first.stateful or self._second.stateful

    @property
    def documents(self) -> tuple[str, ...]:
        """As the first format."""
        return self._first.documents

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """Every line once: an event of either format, or a reject for the reason that the first one gives."""
        first_state, second_state = json.loads(state) if state else (None, None)
        parsed = self._first.parse(chunk, first_state)
        if parsed.records is not None and getattr(chunk, "broken", None) is None:
            return self._joined(parsed, None, np.zeros(0, np.int64), second_state)
        lines = lines_of(chunk.data)
        told = parsed.rejects["line"].to_numpy()
        known = {*chunk.oversized_lines, *(getattr(chunk, "broken", None) or ())}
        rows = [
            line
            for line in told.tolist()
            if line not in known
            and not any(mark in lines[line - chunk.first_line].as_py() for mark in self._marks)
        ]
        if not rows:
            return self._joined(parsed, None, np.zeros(0, np.int64), second_state)
        texts = [lines[line - chunk.first_line].as_py().rstrip(b"\r\n") for line in rows]
        piece = Piece(
            data=b"".join(text + b"\n" for text in texts),
            first_line=min(chunk.first_line, 2),  # only the first line of a content is the first one
            lines=len(rows),
            broken={},  # one line is one unit, however it begins
        )
        try:
            second = self._second.parse(piece, second_state)
        except WhosawError as fault:
            if fault.code != "time.no-zone":
                raise
            return self._joined(parsed, None, np.zeros(0, np.int64), second_state)
        return self._joined(parsed, second, np.array(rows, dtype=np.int64), second_state, piece.first_line)

    def _joined(
        self,
        parsed: Parsed,
        second: Parsed | None,
        rows: npt.NDArray[np.int64],
        second_state: str | None,
        first: int = 1,
    ) -> Parsed:
        state = second.state if second is not None else second_state
        kept = json.dumps([parsed.state, state]) if parsed.state or state else None
        if second is None:
            return Parsed(
                events=parsed.events, rejects=parsed.rejects, comments=parsed.comments,
                continued=parsed.continued, state=kept, records=parsed.records,
            )  # fmt: skip
        numbers = rows[second.events["line"].to_numpy() - first]
        taken = set(rows.tolist()) - set(rows[second.rejects["line"].to_numpy() - first].tolist())
        rejects = [
            (line, reason)
            for line, reason in zip(
                parsed.rejects["line"].to_pylist(), parsed.rejects["reason"].to_pylist(), strict=True
            )
            if line not in taken
        ]
        more = second.events.set_column(
            second.events.column_names.index("line"), "line", pa.array(numbers, pa.int64())
        )
        return Parsed(
            events=_together(parsed.events, more),
            rejects=rejects_table(rejects),
            comments=parsed.comments + second.comments,
            continued=parsed.continued + second.continued,
            state=kept,
            records=parsed.records,
        )


def _together(one: pa.Table, two: pa.Table) -> pa.Table:
    """Events of both in line order; texts are plain where only one of the two has them held once."""
    table = pa.concat_tables([_plain(one), _plain(two)], promote_options="default").combine_chunks()
    return table.take(pa.array(np.argsort(table["line"].to_numpy(), kind="stable")))


def _plain(table: pa.Table) -> pa.Table:
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table[field.name].cast(pa.string()))
    return table
