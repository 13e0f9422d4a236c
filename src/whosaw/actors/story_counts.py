"""What the counted views of each story come to: people, lines, and both by category of data.

A line that shows several people is one view, a person seen on several pages is one person, and there may be hundreds of
millions of either. So lines come in one sorted stream, in which equal ones stand side by side, and people are grouped once,
each with the kinds of pages they were seen on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.finding import CategoryCount
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_SPELLED
from whosaw.store.sql import Session

from .explanation import CANNOT_TELL, UNEXPLAINED
from .statement import statement

__all__ = ["StoryCounts", "count_stories"]

_ROWS: Final = 1 << 20  # rows of the stream that are held at once
_BITS: Final = 62  # kinds of pages that one whole number tells apart
_SURE, _DOUBTED, _TWIN, _ONLY_POSSIBLE = 0, 1, 2, 3  # how sure it is that any view was of a person
# what is true of any row of a line
_UNNAMED, _UNEXPLAINED, _NOT_EXPLAINED, _SPELLED, _MAYBE_TWIN = 1, 2, 4, 8, 16
_POSSIBLE: Final = _SPELLED | _MAYBE_TWIN
Ints = npt.NDArray[np.int64]
_Kinds = tuple[int, ...]  # one bit for each kind of page, in whole numbers of `_BITS` bits


@dataclass(slots=True, kw_only=True)
class StoryCounts:
    """One story: the columns of `story_counts`, its people and lines by kinds of pages."""

    row: dict[str, int]
    people: Counter[tuple[int, _Kinds]] = field(
        default_factory=Counter
    )  # by doubt: none, of the id, whether it is another act's, of the view
    before: int = 0
    lines: Counter[tuple[int, _Kinds]] = field(default_factory=Counter)

    def numbers(self) -> dict[str, int]:
        """What is counted once per story, by name."""
        return {
            **self.row,
            "accounts": self._people(_SURE),
            "doubted_accounts": self._people(_DOUBTED),
            "possible_accounts": self._people(_ONLY_POSSIBLE),
            "twin_accounts": self._people(_TWIN),
            "persons_before": self.before,
            "views": self.lines.total() - self._lines(_POSSIBLE),
            "possible_views": self._lines(_SPELLED),
            "twin_views": self._lines(_POSSIBLE) - self._lines(_SPELLED),
            "unnamed_views": self._lines(_UNNAMED),
            "unexplained": self._lines(_UNEXPLAINED),
            "not_explained": self._lines(_NOT_EXPLAINED),
        }

    def _people(self, doubt: int) -> int:
        return sum(count for (held, _), count in self.people.items() if held == doubt)

    def _lines(self, flag: int) -> int:
        return sum(count for (flags, _), count in self.lines.items() if flags & flag)

    def categories(self, held: dict[str, _Kinds]) -> tuple[CategoryCount, ...]:
        """People and views by category; `held` says which kinds of pages hold each."""
        found = []
        for category, kinds in sorted(held.items()):
            persons = [(doubt, many) for (doubt, seen), many in self.people.items() if _share(seen, kinds)]
            views = [
                (flags & _POSSIBLE, many) for (flags, seen), many in self.lines.items() if _share(seen, kinds)
            ]
            if views:
                found.append(
                    CategoryCount(
                        category=category,
                        persons=sum(many for doubt, many in persons if doubt == _SURE),
                        views=sum(many for possible, many in views if not possible),
                        possible_persons=sum(many for doubt, many in persons if doubt != _SURE),
                        possible_views=sum(many for possible, many in views if possible),
                    )
                )
        return tuple(found)


def _share(one: _Kinds, other: _Kinds) -> bool:
    return any(a & b for a, b in zip(one, other, strict=True))


def count_stories(
    session: Session, stories: int
) -> tuple[list[dict[str, int]], list[tuple[CategoryCount, ...]], pa.Table]:
    """Of each of the stories that `detect_story_views` is of, in order: its numbers and its categories; and all counted lines
    (story, content, line), ascending."""
    held, masks = _make_kinds(session)
    columns = [f"kinds_{at}" for at in range(len(masks))]
    rows = {row["story"]: row for row in session.query(statement("story_counts")).to_pylist()}
    told = [StoryCounts(row=rows[story]) for story in range(stories)]
    kinds = ", ".join(f"bit_or({mask}) AS {name}" for mask, name in zip(masks, columns, strict=True))
    people = statement("story_people").format(
        kinds=kinds, columns=", ".join(columns), spelled=UNSURE_SPELLED, twin=MAYBE_TWIN
    )
    for row in session.query(people).to_pylist():
        one = told[row["story"]]
        one.people[row["doubt"], tuple(row[name] for name in columns)] += row["persons"]
        one.before += row["before"]
    lines = list(_counted_lines(session, masks, columns, told))
    schema = pa.schema([("story", pa.int32()), ("content", pa.int32()), ("line", pa.int64())])
    return (
        [each.numbers() for each in told],
        [each.categories(held) for each in told],
        pa.concat_tables([schema.empty_table(), *lines]),
    )


def _make_kinds(session: Session) -> tuple[dict[str, _Kinds], list[str]]:
    """detect_kinds: (route, kind), where pages of one kind hold the same categories; which kinds hold each category; and SQL
    expressions for the bit of a kind."""
    routes = session.query("SELECT route, categories FROM routes ORDER BY route").to_pylist()
    sets = [tuple(sorted(set(row["categories"] or ()))) for row in routes]
    kinds = {each: at for at, each in enumerate(dict.fromkeys(sets))}
    session.query(
        "CREATE OR REPLACE TEMP TABLE detect_kinds AS SELECT * FROM numbered",
        numbered=pa.table({
            "route": pa.array([row["route"] for row in routes], pa.int16()),
            "kind": pa.array([kinds[each] for each in sets], pa.int32()),
        }),
    )  # fmt: skip
    words = max(1, -(-len(kinds) // _BITS))
    held: dict[str, list[int]] = {}
    for names, kind in kinds.items():
        for name in names:
            held.setdefault(name, [0] * words)[kind // _BITS] |= 1 << kind % _BITS
    masks = [
        f"(CASE WHEN kind // {_BITS} = {at} THEN 1::BIGINT << (kind % {_BITS}) ELSE 0 END)"
        for at in range(words)
    ]
    return {name: tuple(bits) for name, bits in held.items()}, masks


def _counted_lines(
    session: Session, masks: Sequence[str], columns: Sequence[str], told: Sequence[StoryCounts]
) -> Iterator[pa.Table]:
    """The lines of the stream, each once; adds them up in `told` on the way."""
    kinds = ", ".join(f"{mask} AS {name}" for mask, name in zip(masks, columns, strict=True))
    sql = statement("story_lines").format(
        kinds=kinds,
        unexplained=UNEXPLAINED,
        cannot_tell=CANNOT_TELL,
        spelled=UNSURE_SPELLED,
        twin=MAYBE_TWIN,
    )
    held: list[pa.RecordBatch] = []
    for batch in session.batches(sql, _ROWS):
        rows = pa.Table.from_batches([*held, batch])
        starts = _starts(rows)
        last = int(starts[-1])  # the next rows may be of this line too
        yield _add_lines(rows.slice(0, last), starts[:-1], columns, told)
        held = rows.slice(last).to_batches()
    if held:
        rows = pa.Table.from_batches(held)
        yield _add_lines(rows, _starts(rows), columns, told)


def _starts(rows: pa.Table) -> Ints:
    """Where a line begins; at least one row is there."""
    names = ("story", "content", "line")
    same = np.logical_and.reduce([np.diff(rows[name].to_numpy()) == 0 for name in names])
    return np.concatenate([[0], np.flatnonzero(~same) + 1])


def _add_lines(rows: pa.Table, starts: Ints, columns: Sequence[str], told: Sequence[StoryCounts]) -> pa.Table:
    taken = pa.array(starts, pa.int64())
    lines = rows.select(["story", "content", "line"]).take(taken)
    if not len(starts):
        return lines
    any_row = {
        name: np.bitwise_or.reduceat(rows[name].to_numpy().astype(np.int64), starts)
        for name in ("flags", *columns)
    }
    table = pa.table({"story": lines["story"], **{name: pa.array(each) for name, each in any_row.items()}})
    groups: list[dict[str, Any]] = (
        table.group_by(table.column_names).aggregate([([], "count_all")]).to_pylist()
    )
    for row in groups:
        kinds = tuple(row[name] for name in columns)
        told[row["story"]].lines[row["flags"], kinds] += row["count_all"]
    return lines
