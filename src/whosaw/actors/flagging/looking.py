"""The views of entities that are looked at exactly: each entity's in order of time, with the days on which it is judged apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import Digests, column, ranks, starts_of
from whosaw.actors.surprise import Bar
from whosaw.core.finding import actor_digest
from whosaw.store.distinct import numbered_from_0, order_of, places_among
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_ascending
from whosaw.store.repositories.finding_ids import flag_key

from .bars import BarColumns
from .question import Question
from .windows import Peaks

__all__ = [
    "Looked",
    "Raised",
    "RaisedRows",
    "Shown",
    "entity_looked",
    "flag_rows",
    "judged_rows",
    "time_order",
    "whose_left",
    "whose_views",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
_HOUR = 3_600_000_000
_MILLION = 1_000_000
_NEVER = 1 << 62
Shown = Callable[[str, pa.Array], pa.Array]  # kind of trait and numbers to texts without a ledger's numbers


@dataclass(frozen=True, slots=True)
class Raised:
    """An entity over a bar on one day: the window by its place in the clause, and what it held on that day."""

    entity: int
    day: int
    window: int
    peak: Peak
    view: int  # a view of the entity, among those handed in
    bar: Bar | None = None  # what it passed, where that is a matter of luck


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedRows:
    """The same of many, a row each; `usual` and `nats` of what each passed are no numbers where that is no matter of luck."""

    entity: Ints
    day: Ints
    window: Ints
    most: Ints
    most_at: Ints
    reached_at: Ints
    view: Ints
    usual: Floats
    nats: Floats

    @classmethod
    def of(cls, raised: Sequence[Raised]) -> RaisedRows:
        def numbers(told: Iterable[int | None]) -> Ints:
            return np.array(list(told), np.int64)

        def shares(told: Iterable[float | None]) -> Floats:
            return np.array([np.nan if each is None else each for each in told], np.float64)

        return cls(
            entity=numbers(each.entity for each in raised),
            day=numbers(each.day for each in raised),
            window=numbers(each.window for each in raised),
            most=numbers(each.peak.most for each in raised),
            most_at=numbers(each.peak.most_at for each in raised),
            reached_at=numbers(each.peak.reached_at for each in raised),
            view=numbers(each.view for each in raised),
            usual=shares(None if each.bar is None else each.bar.usual for each in raised),
            nats=shares(None if each.bar is None else each.bar.nats for each in raised),
        )

    @classmethod
    def of_peaks(
        cls, window: int, found: Peaks, entity: Ints, day: Ints, view: Ints, bars: BarColumns | None = None
    ) -> RaisedRows:
        """What was over its bar in a window; `entity` and `day` are those of what was judged, and so are `bars`; `view` are views of each that was
        found."""
        its = found.judged
        none = np.full(len(its), np.nan)
        return cls(
            entity=entity[its],
            day=day[its],
            window=np.full(len(its), window),
            most=found.most,
            most_at=found.most_at,
            reached_at=found.reached_at,
            view=view,
            usual=none if bars is None else bars.usual[its],
            nats=none if bars is None else bars.nats[its],
        )

    @classmethod
    def together(cls, parts: Sequence[RaisedRows]) -> RaisedRows:
        """One part after another."""
        return cls(
            **{name: np.concatenate([getattr(each, name) for each in parts]) for name in cls.__slots__}
        )

    def take(self, rows: Ints) -> RaisedRows:
        """These of them."""
        return RaisedRows(**{name: getattr(self, name)[rows] for name in self.__slots__})


@dataclass(frozen=True, slots=True)
class Looked:
    """What an exact look came to: rows of `flags`, and at how many views it looked, of how many."""

    flags: pa.Table
    views: int
    of_views: int

    @property
    def share(self) -> float:
        """What part of the views was looked at."""
        return self.views / self.of_views if self.of_views else 0.0


def judged_rows(entity: Ints, day: Ints, left: pa.Table, back: int) -> tuple[Ints, Bools]:
    """Of each row of entities that are left, which row of `left` (by entity and day) it is judged in, below 0 for none; and whether it is of such a
    day or of so many days before. Rows are by entity and time."""
    starts = starts_of(entity, day)  # of one entity and day all rows are judged alike
    sizes = np.diff(np.append(starts, len(day)))
    known, of = numbered_from_0(column(left, "entity"))
    if not len(known):
        return np.full(len(day), -1, np.int64), np.zeros(len(day), bool)
    number, seen, on = np.searchsorted(known, entity[starts]), day[starts], column(left, "day")
    first = min(int(seen.min(initial=0)), int(on.min()))
    wide = max(int(seen.max(initial=0)), int(on.max())) - first + 1 + back
    own, cells = number * wide + (seen - first), of * wide + (on - first)
    after = np.searchsorted(
        cells, own
    )  # the next one of the entity that is judged, or one of another, further off
    cells = np.append(cells, _NEVER)
    judged, near = np.where(cells[after] == own, after, -1), cells[after] - own <= back
    return np.repeat(judged, sizes), np.repeat(near, sizes)


def whose_left(question: Question, left: pa.Table) -> Ints:
    """What each row of `left` is about: an entity, or a page and an hour."""
    if question.detector.kind == "surge":
        return column(left, "page") << 40 | column(left, "hour")
    return column(left, "entity")


def whose_views(question: Question, views: pa.Table) -> Ints:
    """What each view is of, in the same numbers."""
    if question.detector.kind == "surge":
        return column(views, "route") << 40 | column(views, "time") // _HOUR
    return question.grouping.entities(views, question.plan.agents)


def entity_looked(
    question: Question, left: pa.Table, every: Mapping[int, int], day: Ints, own: Ints
) -> pa.Table:
    """The rows of `looked` of a clause: by day, how many views were of an entity (or of a page and an hour) that is left, and how many
    there were, on that day and on those before it that its windows touch. `every`: how many views there were, by day; `day` and `own`
    (`whose_views`): of those of all that is left, when they were and whose."""
    back = 0 if question.detector.kind == "surge" else question.furthest
    on = column(left, "day")
    known, at = numbered_from_0(whose_left(question, left))
    place = places_among(known, own)
    first = min([int(on.min()), *every])
    days = max([int(on.max()), *every]) - first + 1
    # how many views there were before each day, and of each of those that are left
    of_day = np.zeros(days + 1, np.int64)
    of_day[np.fromiter(every, np.int64, len(every)) - first + 1] = np.fromiter(every.values(), np.int64)
    total = np.cumsum(of_day)
    many = np.bincount(place * days + day - first, minlength=len(known) * days)
    before = np.zeros((len(known), days + 1), np.int64)
    np.cumsum(many.reshape(-1, days), axis=1, out=before[:, 1:])
    start, end = np.maximum(on - back - first, 0), on - first + 1
    judged, of = numbered_from_0(on)
    looked = np.bincount(of, before[at, end] - before[at, start], minlength=len(judged)).astype(np.int64)
    since, until = np.maximum(judged - back - first, 0), judged - first + 1
    told = {"day": judged, "views": looked, "every": total[until] - total[since]}
    return pa.table(told).cast(kind("looked").in_hand)


def time_order(views: pa.Table, digests: Digests) -> Ints:
    """The place of each view in order of time; ties by digest of the file, line, digest of the person."""
    time, content, line = (column(views, name) for name in ("time", "content", "line"))
    order = order_of(time)
    # few are of one instant, and fewer of one line: only of these it is asked what comes next
    tied = _tied(time[order])
    rows = order[tied]
    file = ranks("content", content[rows], digests)
    within = order_of(time[rows], file, line[rows])
    order[tied] = rows[within]
    of_line = _tied(time[rows][within], file[within], line[rows][within])
    rows = rows[within][of_line]
    person = column(views, "person")[rows]
    by_person = np.where(person < 0, -1, 0)
    by_person[person >= 0] = ranks("person", person[person >= 0], digests)
    content = ranks("content", content[rows], digests)
    order[np.flatnonzero(tied)[of_line]] = rows[order_of(time[rows], content, line[rows], by_person)]
    place = np.empty(views.num_rows, np.int64)
    place[order] = np.arange(len(place))
    return place


def _tied(*keys: Ints) -> npt.NDArray[np.bool_]:
    """The rows, which are in order, that are like the one before or behind them in all of the keys."""
    same = np.ones(max(0, len(keys[0]) - 1), bool)
    for key in keys:
        same &= key[1:] == key[:-1]
    none = np.zeros(min(1, len(keys[0])), bool)
    return np.asarray(np.append(none, same) | np.append(same, none))


def flag_rows(
    question: Question,
    raised: RaisedRows | Sequence[Raised],
    views: pa.Table,
    shown: Shown,
    clients: Sequence[Ints | bytes | None] | None = None,
    *,
    pages: Sequence[int] | None = None,
    homes: Mapping[int, Ints] | None = None,
) -> pa.Table:
    """The rows of `flags`, in the order of day, key and window. `clients`: those that belong to each, where not all do, packed or not; `pages`: at which
    each began; `homes`: by day, addresses where nothing counts for them."""
    columns = kind("flags").in_hand
    rows = raised if isinstance(raised, RaisedRows) else RaisedRows.of(raised)
    if not len(rows.entity):
        return columns.empty_table()
    keys, whose = _keys(question, rows, views, shown)
    rank = np.empty(len(keys), np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    order = order_of(rows.day, rank[whose], rows.window)
    rows, whose = rows.take(order), whose[order]
    lengths, least = (np.array(each, np.int64) for each in zip(*question.windows, strict=True))
    sets: dict[int, bytes | None] = {}  # of a large one, that several windows share
    for found in clients or ():
        if id(found) not in sets:
            sets[id(found)] = found if found is None or isinstance(found, bytes) else pack_ascending(found)
    away = {} if homes is None else {day: pack_ascending(found) for day, found in homes.items() if len(found)}
    days, on = numbered_from_0(rows.day)
    nothing = pa.nulls(len(order))
    made: dict[str, Any] = {
        "day": rows.day,
        "key": pa.array(keys, columns.field("key").type).take(pa.array(whose)),
        "kind": np.full(len(order), question.kind),
        "entity": rows.entity,
        "raised": rows.reached_at,
        "window": lengths[rows.window],
        "most": rows.most,
        "most_at": rows.most_at,
        "bar": least[rows.window],
        "clients": nothing if clients is None else [sets[id(clients[at])] for at in order.tolist()],
        "page": nothing if pages is None else [pages[at] for at in order.tolist()],
        "homes": pa.array([away.get(day) for day in days.tolist()], pa.binary()).take(pa.array(on)),
        "usual": _millionths(rows.usual),
        "nats": _millionths(rows.nats),
    }
    return pa.table([_column(made[each.name], each.type) for each in columns], schema=columns)


def _millionths(numbers: Floats) -> pa.Array:
    """Rounded; none where it is no number."""
    none = np.isnan(numbers)
    return pa.array(np.rint(np.where(none, 0.0, numbers) * _MILLION).astype(np.int64), mask=none)


def _column(values: Any, type_: pa.DataType) -> pa.Array:
    return values.cast(type_) if isinstance(values, pa.Array) else pa.array(values, type_)


def _keys(question: Question, raised: RaisedRows, views: pa.Table, shown: Shown) -> tuple[list[bytes], Ints]:
    """What the flags of each entity are known by, and which entity's each is. It holds no number of a ledger."""
    by = question.clause.group_by
    entity, at = numbered_from_0(raised.entity)
    view = np.empty(len(entity), np.int64)
    view[at] = raised.view  # whichever of its views: they are alike in this
    rows = views.select(list(dict.fromkeys("way" if name == "manner" else name for name in by))).take(
        pa.array(view)
    )
    texts = [
        shown(name, rows["way" if name == "manner" else name].combine_chunks()).to_pylist() for name in by
    ]
    keys = [
        bytes.fromhex(flag_key(question.detector.id, question.clause.id, by, actor_digest(by, values)))
        for values in zip(*texts, strict=True)
    ]
    return keys, at
