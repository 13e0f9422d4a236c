"""What the counted views of each party come to, as unions and sums of its marks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.actors.explanation import CANNOT_TELL, EXPLAINED, NEVER_ISSUED, UNEXPLAINED
from whosaw.actors.marking.marks import PLACES
from whosaw.actors.summing.who import Digests, column
from whosaw.core.finding import CategoryCount, Place
from whosaw.store.distinct import alike, order_of
from whosaw.store.person_sets import union_by

from .kept import Kept
from .rows import summed
from .standing import held_by

__all__ = ["PartyCounts", "SeenUntil", "count_parties"]

Ints = npt.NDArray[np.int64]
_DAY: Final = 86_400_000_000
_SURE, _DOUBTED, _TWIN, _ONLY_POSSIBLE = range(4)  # `doubt` of a view, and the least of a person's
# what is true of any view of a line
_UNNAMED, _UNEXPLAINED, _NOT_EXPLAINED, _SPELLED, _MAYBE_TWIN = 1, 2, 4, 8, 16
_POSSIBLE: Final = _SPELLED | _MAYBE_TWIN
_BITS: Final = 3  # of an answer
Row = Mapping[str, Any]
SeenUntil = Callable[[int, Collection[bytes], int], BitMap]
"""Whom views of these marks of a day show up to an instant."""


@dataclass(kw_only=True)
class PartyCounts:
    """One party: views that any of its flags holds, by their answers, and the rows of `marks` that one counts; whom these show by name (by page,
    doubt, and how many further people an answer can have held; -1 where that is not known), and whom before it was raised those that were over
    by then; its lines by what is true of them, with the pages that they are of; of the first places of its marks those that may be the first of
    all."""

    flags: frozenset[int]
    raised_at: int
    tried: tuple[int, ...]  # places of the explanations that its detectors try
    held: Counter[int] = field(default_factory=Counter)
    counted: pa.Table
    shown: Mapping[tuple[int, int, int], BitMap]
    whole_before: BitMap
    lines: Counter[tuple[int, frozenset[int]]] = field(default_factory=Counter)
    addresses: set[int] = field(default_factory=set)
    places: list[Row] = field(default_factory=list)

    def numbers(self, seen_until: SeenUntil) -> dict[str, int]:
        """What is counted once, by name."""
        people = self._people
        first, last, views, extra = (
            column(self.counted, each) for each in ("first", "last", "views", "extra")
        )
        unnamed = ~self._named
        return {
            "first_view": int(first.min()),
            "last_view": int(last.max()),
            "addresses": len(self.addresses),
            "unnamed_at_most": int((np.maximum(extra, 0) * views)[unnamed].sum()),
            "unbounded_views": int(views[unnamed & (extra < 0)].sum()),
            "accounts": len(people[_SURE]),
            "doubted_accounts": len(people[_DOUBTED]),
            "possible_accounts": len(people[_ONLY_POSSIBLE]),
            "twin_accounts": len(people[_TWIN]),
            "persons_before": self._before(seen_until),
            "views": self.lines.total() - self._lines(_POSSIBLE),
            "possible_views": self._lines(_SPELLED),
            "twin_views": self._lines(_POSSIBLE) - self._lines(_SPELLED),
            "unnamed_views": self._lines(_UNNAMED),
            "unexplained": self._lines(_UNEXPLAINED),
            "not_explained": self._lines(_NOT_EXPLAINED),
        }

    def secondary(self) -> tuple[int, int]:
        """Further people that the pages of known people may have shown, once for each person and page, however often it was read; and how
        many views there are for which no such bound is known."""
        by_page: dict[int, dict[int, list[BitMap]]] = defaultdict(lambda: defaultdict(list))
        for (page, _, extra), people in self.shown.items():
            if extra > 0:
                by_page[page][extra].append(people)
        most = 0
        for of_page in by_page.values():
            known = BitMap()
            for extra, sets in sorted(of_page.items(), reverse=True):
                mine = BitMap.union(*sets) - known
                most += extra * len(mine)
                known |= mine
        unbounded = self._named & (column(self.counted, "extra") < 0)
        return most, int(column(self.counted, "views")[unbounded].sum())

    def categories(self, pages: Mapping[int, Collection[str]]) -> tuple[CategoryCount, ...]:
        """People and lines by category. `pages`: the categories that each page shows."""
        held: dict[str, set[int]] = defaultdict(set)
        for page, categories in pages.items():
            for category in categories:
                held[category].add(page)
        sure = self._people[_SURE]
        shown: dict[int, BitMap] = defaultdict(BitMap)
        for (page, _, _), people_of_page in self.shown.items():
            shown[page] |= people_of_page
        found = []
        for category, of in sorted(held.items()):
            lines = [(flags & _POSSIBLE, many) for (flags, seen), many in self.lines.items() if seen & of]
            if not lines:
                continue
            people = BitMap.union(BitMap(), *(its for page, its in shown.items() if page in of))
            found.append(
                CategoryCount(
                    category=category,
                    persons=len(people & sure),
                    views=sum(many for possible, many in lines if not possible),
                    possible_persons=len(people - sure),
                    possible_views=sum(many for possible, many in lines if possible),
                )
            )
        return tuple(found)

    def answered(self, explanation: int) -> dict[str, int]:
        """How one explanation answered about all views that the party's flags hold, also those that they set aside."""
        views: Counter[int] = Counter()
        for answers, many in self.held.items():
            views[answers >> _BITS * explanation & 7] += many
        told = {
            "explained": views[EXPLAINED],
            "unexplained": views[UNEXPLAINED] + views[NEVER_ISSUED],
            "cannot_tell": views[CANNOT_TELL],
        }
        return {**told, "does_not_apply": views.total() - sum(told.values())}

    def first_places(self, digests: Digests) -> tuple[Place, ...]:
        """Its first lines, in order of time, digest of the file and line."""
        contents = pa.array(sorted({row["content"] for row in self.places}), pa.int64())
        digest = dict(zip(contents.to_pylist(), digests("content", contents).to_pylist(), strict=True))
        first = sorted(self.places, key=lambda row: (row["time"], digest[row["content"]], row["line"]))
        return tuple(Place(content=row["content"], line=row["line"]) for row in first[:PLACES])

    def add_line(self, views: Iterable[Row], many: int) -> None:
        """So many lines that are of these views."""
        flags, pages = 0, set()
        for view in views:
            answer = _over(view["answers"], self.tried)
            doubt = view["doubt"]
            flags |= 0 if view["named"] else _UNNAMED
            flags |= _UNEXPLAINED if answer == UNEXPLAINED and doubt == _SURE else 0
            flags |= _NOT_EXPLAINED if answer != EXPLAINED else 0
            flags |= {_ONLY_POSSIBLE: _SPELLED, _TWIN: _MAYBE_TWIN}.get(doubt, 0)
            pages.add(view["route"])
        self.lines[flags, frozenset(pages)] += many

    @cached_property
    def _named(self) -> npt.NDArray[np.bool_]:
        """Of each row that counts, whether its views name somebody."""
        return np.asarray(self.counted["named"].to_numpy(), bool)

    @cached_property
    def _people(self) -> list[BitMap]:
        """Whom its views show, by the least doubt of each."""
        known, found = BitMap(), []
        for asked in range(4):
            mine = BitMap.union(
                BitMap(), *(its for (_, doubt, _), its in self.shown.items() if doubt == asked)
            )
            found.append(mine - known)
            known |= mine
        return found

    def _before(self, seen_until: SeenUntil) -> int:
        """How many people were seen up to the instant at which it was raised."""
        first, last = (column(self.counted, each) for each in ("first", "last"))
        whole = self.whole_before
        begun = self._named & (first <= self.raised_at) & (self.raised_at < last)
        parted = set(self.counted["mark"].filter(pa.array(begun)).to_pylist())
        return (
            len(whole | seen_until(self.raised_at // _DAY, parted, self.raised_at)) if parted else len(whole)
        )

    def _lines(self, flag: int) -> int:
        return sum(many for (flags, _), many in self.lines.items() if flags & flag)


def count_parties(
    kept: Kept, parties: Sequence[Sequence[int]], explanations: Sequence[str]
) -> list[PartyCounts]:
    """The counts of each party."""
    holders: dict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for mark, at, counted, _ in held_by(kept, parties):
        holders[mark][0].append(at)
        if counted:
            holders[mark][1].append(at)
    of_mark = {mark: of for mark, (_, of) in holders.items() if of}
    told = _with_people(kept, parties, of_mark, explanations)
    none: tuple[list[int], list[int]] = ([], [])
    for row in summed(kept, "marks", ["mark", "answers"], "views"):
        for at in holders.get(row["mark"], none)[0]:
            told[at].held[row["answers"]] += row["views"]
    places = kept.rows("marked_places")
    for at, its in _by_party(places, of_mark):
        told[at].places = _may_be_first(places.take(pa.array(its))).to_pylist()
    for row in summed(kept, "marked_addresses", ["mark", "address"], "views"):
        for at in holders.get(row["mark"], none)[1]:
            told[at].addresses.add(row["address"])
    by_lines: dict[bytes, list[Row]] = defaultdict(list)
    for row in summed(kept, "marked_lines", ["lines", "mark", "route", "doubt", "answers", "named"], "many"):
        by_lines[row["lines"]].append(row)
    for views in by_lines.values():
        counting = [set(holders.get(view["mark"], none)[1]) for view in views]
        for at in sorted(set[int]().union(*counting)):
            own = [view for view, of in zip(views, counting, strict=True) if at in of]
            told[at].add_line(own, views[0]["many"])
    return told


def _with_people(
    kept: Kept,
    parties: Sequence[Sequence[int]],
    of_mark: Mapping[bytes, Sequence[int]],
    explanations: Sequence[str],
) -> list[PartyCounts]:
    """Each party with the rows of `marks` that it counts and whom these show: sets are gone through once for all."""
    marks = kept.rows("marks")
    named, last = np.asarray(marks["named"].to_numpy(), bool), column(marks, "last")
    columns = [column(marks, each) for each in ("route", "doubt", "extra")]
    rows: dict[int, Ints] = dict(_by_party(marks, of_mark))
    # of each group of rows the party and what they are alike in; None: those that were over before it was raised
    keys: list[tuple[int, tuple[int, int, int] | None]] = []
    asked, groups = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    raised = [min(kept.flags[at].raised_at for at in of) for of in parties]
    for at, its in rows.items():
        own = its[named[its]]
        of, first = alike(*(each[own] for each in columns))
        before = own[last[own] <= raised[at]]
        asked += [own, before]
        groups += [of + len(keys), np.full(len(before), len(keys) + len(first))]
        keys += [(at, each) for each in zip(*(each[own[first]].tolist() for each in columns), strict=True)]
        keys.append((at, None))
    places, group = np.concatenate(asked), np.concatenate(groups)
    order = order_of(places)
    found = union_by(kept.sets("marks", "people"), places[order], group[order], len(keys))
    shown: dict[int, dict[tuple[int, int, int], BitMap]] = defaultdict(dict)
    whole_before: dict[int, BitMap] = {}
    for (at, key), people in zip(keys, found, strict=True):
        if key is None:
            whole_before[at] = people
        else:
            shown[at][key] = people
    none = np.empty(0, np.int64)
    return [
        PartyCounts(
            flags=frozenset(flags),
            raised_at=raised[at],
            tried=_tried(kept, flags, explanations),
            counted=marks.take(pa.array(rows.get(at, none))),
            shown=shown[at],
            whole_before=whole_before.get(at, BitMap()),
        )
        for at, flags in enumerate(parties)
    ]


def _by_party(rows: pa.Table, of_mark: Mapping[bytes, Sequence[int]]) -> Iterator[tuple[int, Ints]]:
    """By party, the places of the rows of marks that any of its flags counts, ascending."""
    marks = pa.array(list(of_mark), rows["mark"].type)
    place = pc.fill_null(pc.index_in(rows["mark"], marks), -1).to_numpy()
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(of_mark) + 1)).tolist()
    found: dict[int, list[Ints]] = defaultdict(list)
    for (start, end), of in zip(pairwise(starts), of_mark.values(), strict=True):
        for at in of:
            found[at].append(order[start:end])
    for at, its in found.items():
        yield at, np.sort(np.concatenate(its))


def _may_be_first(places: pa.Table) -> pa.Table:
    """Those that may be among the first, whatever their files are."""
    times = places["time"].to_numpy()
    if len(times) <= PLACES:
        return places
    return places.filter(pa.array(times <= np.partition(times, PLACES - 1)[PLACES - 1]))


def _tried(kept: Kept, flags: Sequence[int], explanations: Sequence[str]) -> tuple[int, ...]:
    """The places of the explanations that the detectors of these flags try."""
    names = {name for at in flags for name in kept.flags[at].detector.explanations}
    return tuple(explanations.index(name) for name in sorted(names))


def _over(answers: int, slots: Sequence[int]) -> int:
    """What these explanations say together."""
    said = {answers >> _BITS * slot & 7 for slot in slots}
    if EXPLAINED in said:
        return EXPLAINED
    return CANNOT_TELL if CANNOT_TELL in said and NEVER_ISSUED not in said else UNEXPLAINED
