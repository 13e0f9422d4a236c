"""How well whosaw found what a replay did. docs/why/score.md defines every number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from whosaw.core.counts import Count

from .input import Found, Said, Truth
from .result import Answer, Bounds, FirstFinding, Judged, PartyFound, Quality, Score, Share, Verdict

__all__ = ["bounds", "score"]

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Mask = NDArray[np.bool_]
_UNPLACED = -2  # a view whose line the truth does not have


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The views of findings as arrays, narrow ones: there may be hundreds of millions of rows.

    `person` is -1 where it is null. `first` marks one row of each view.
    """

    group: Small
    party: NDArray[np.int16]
    person: Small
    route: Small
    first: Mask

    @staticmethod
    def of(found: Found, truth: Truth) -> _Rows:
        view = found.views["view"].to_numpy()
        placed = view >= 0
        party = np.full(len(view), _UNPLACED, np.int16)
        party[placed] = truth.lines[view[placed]]
        row = np.arange(len(view), dtype=np.int32 if len(view) < 1 << 31 else np.int64)
        any_row = np.zeros(len(truth.lines), row.dtype)  # one of the rows of each line
        any_row[view[placed]] = row[placed]
        first = np.zeros(len(view), np.bool_)
        first[placed] = any_row[view[placed]] == row[placed]
        first[row[~placed][np.unique(view[~placed], return_index=True)[1]]] = True
        columns = {name: _small(found.views[name]) for name in ("group", "person", "route")}
        return _Rows(party=party, first=first, **columns)


def _small(column: pa.ChunkedArray) -> Small:
    """The numbers of a column, -1 where there is none."""
    numbers: Small = pc.fill_null(column.cast(pa.int32()), -1).to_numpy()
    return numbers


def score(found: Found, truth: Truth) -> Score:
    """Hold what was found against what was done, but for `bounds`. The same two sides give the same score."""
    rows = _Rows.of(found, truth)
    verdicts = _verdicts(found, truth, rows)
    breach = [at for at, party in enumerate(truth.parties) if party.kind == "breach"]
    true = _rows_of(found, rows, verdicts, ("true",))
    claimed = _rows_of(found, rows, verdicts, ("true", "false"))
    views = sum(truth.parties[at].views for at in breach)
    exposures = truth.exposures.filter(pc.is_in(truth.exposures["party"], pa.array(breach, pa.int16())))
    first = _first(verdicts, exposures)
    seen = _seen_by(truth, exposures)
    of_breach = np.isin(rows.party, breach) & rows.first
    return Score(
        answer="nothing to find" if not views else "found" if first else "not found",
        findings=Judged(
            listed=verdicts,
            days=truth.days,
            customers_per_day=(
                float(truth.customers) if truth.customers_per_day is None else truth.customers_per_day
            ),
        ),
        persons=_persons(found, rows, seen, true, claimed),
        views=Quality(
            # damaged logs hold some lines twice; one that is counted twice is still one view of the truth
            recall=Share(right=min(int((of_breach & true).sum()), views), of=views),
            precision=Share(right=int((of_breach & true).sum()), of=int((rows.first & true).sum())),
            precision_with_false=Share(
                right=int((of_breach & claimed).sum()), of=int((rows.first & claimed).sum())
            ),
        ),
        categories=_categories(found, exposures, rows, true, claimed),
        first=first,
        parties=tuple(
            PartyFound(id=party.id, kind=party.kind, persons=_of_party(found, truth, at, rows, verdicts))
            for at, party in enumerate(truth.parties)
        ),
        notes=(*found.notes, *_notes(truth)),
    )


def _notes(truth: Truth) -> Sequence[str]:
    if truth.customers_per_day is None:
        return ("the truth does not say how many customers come in a day: all customers are taken",)
    return ()


def _verdicts(found: Found, truth: Truth, rows: _Rows) -> tuple[Verdict, ...]:
    """Each finding goes to the party that has at least half of its views; to no party, it is false."""
    columns = len(truth.parties) + 2  # two more in front: views that cannot be placed, and honest ones
    cells = rows.group[rows.first].astype(np.int64) * columns + rows.party[rows.first] + 2
    by_group = np.bincount(cells, minlength=len(found.groups) * columns).reshape(-1, columns)
    by_finding = np.zeros((len(found.findings), columns), np.int64)
    for at, members in enumerate(found.groups):
        for finding in members:
            by_finding[finding] += by_group[at]
    return tuple(
        _verdict(said, truth, counts) for said, counts in zip(found.findings, by_finding, strict=True)
    )


def _verdict(said: Said, truth: Truth, counts: Ints) -> Verdict:
    unplaced, views, by_party = int(counts[0]), int(counts.sum()), counts[2:]
    most = int(by_party.argmax()) if by_party.any() else None
    ours = int(by_party.sum())
    answer: Answer
    if most is not None and 2 * ours >= views:
        answer = "true" if truth.parties[most].kind == "breach" else "nosy"
    else:
        answer = "cannot tell" if unplaced and 2 * (ours + unplaced) >= views else "false"
    named = most is not None and answer in ("true", "nosy")
    return Verdict(
        said=said,
        answer=answer,
        party=truth.parties[most].id if named and most is not None else None,
        views=views,
        of_party=int(by_party[most]) if named and most is not None else 0,
        unplaced=unplaced,
    )


def _rows_of(found: Found, rows: _Rows, verdicts: Sequence[Verdict], answers: Sequence[Answer]) -> Mask:
    """Rows of clients that belong to a finding with one of these answers."""
    chosen = np.asarray(
        [any(verdicts[each].answer in answers for each in members) for members in found.groups], np.bool_
    )
    return chosen[rows.group] if len(chosen) else np.zeros(len(rows.group), np.bool_)


def _distinct(values: Ints | Small) -> Ints:
    """Each value once, rising. They are dense numbers, not below 0, so a mark for each is the quickest way."""
    marks = np.zeros(int(values.max(initial=-1)) + 1, np.bool_)
    marks[values] = True
    return np.flatnonzero(marks)


def _seen_by(truth: Truth, exposures: pa.Table) -> Mask:
    """Which of the truth's members stand in these exposures."""
    seen = np.zeros(len(truth.members), np.bool_)
    seen[exposures["member"].to_numpy()] = True
    return seen


def _right(found: Found, seen: Mask, persons: Ints) -> int:
    """How many of these ledger numbers are of members marked in `seen`."""
    return int(np.isin(persons, found.numbers[seen & (found.numbers >= 0)]).sum())


def _named(rows: _Rows, which: Mask) -> Ints:
    return _distinct(rows.person[which & (rows.person >= 0)])


def _persons(found: Found, rows: _Rows, seen: Mask, true: Mask, claimed: Mask) -> Quality:
    persons, more = _named(rows, true), _named(rows, claimed)
    right = _right(found, seen, persons)
    return Quality(
        recall=Share(right=right, of=int(seen.sum())),
        precision=Share(right=right, of=len(persons)),
        precision_with_false=Share(right=_right(found, seen, more), of=len(more)),
    )


def _of_party(found: Found, truth: Truth, at: int, rows: _Rows, verdicts: Sequence[Verdict]) -> Share:
    """Members of this party among the persons of the findings that are true of it."""
    party = truth.parties[at]
    chosen = [each.answer in ("true", "nosy") and each.party == party.id for each in verdicts]
    groups = np.asarray([any(chosen[each] for each in members) for members in found.groups], np.bool_)
    which = groups[rows.group] if len(groups) else np.zeros(len(rows.group), np.bool_)
    seen = _seen_by(truth, truth.exposures.filter(pc.equal(truth.exposures["party"], at)))
    return Share(right=_right(found, seen, _named(rows, which)), of=int(seen.sum()))


def _categories(found: Found, exposures: pa.Table, rows: _Rows, true: Mask, claimed: Mask) -> Quality:
    """The same over pairs of person and category."""
    known_names = pc.unique(exposures["category"]).cast(pa.string()).to_pylist()
    names = sorted({*known_names, *(each for many in found.routes.values() for each in many)})
    codes = {name: code for code, name in enumerate(names)}
    width = max(1, len(names))
    category = pc.index_in(exposures["category"].cast(pa.string()), pa.array(names, pa.string()))
    member = exposures["member"].to_numpy().astype(np.int64)
    pairs = _distinct(member * width + category.to_numpy().astype(np.int64))
    number = found.numbers[pairs // width].astype(np.int64)
    known = np.where(number >= 0, number * width + pairs % width, -1)
    found_pairs = _pairs(found.routes, rows, true, codes, width)
    more = _pairs(found.routes, rows, claimed, codes, width)
    right = int(np.isin(found_pairs, known).sum())
    return Quality(
        recall=Share(right=right, of=len(pairs)),
        precision=Share(right=right, of=len(found_pairs)),
        precision_with_false=Share(right=int(np.isin(more, known).sum()), of=len(more)),
    )


def _pairs(
    routes: Mapping[int, tuple[str, ...]], rows: _Rows, which: Mask, codes: Mapping[str, int], width: int
) -> Ints:
    """Distinct pairs of ledger number and category as `number * width + code`."""
    kept = which & (rows.person >= 0)
    parts = []
    for route, categories in sorted(routes.items()):
        persons = _distinct(rows.person[kept & (rows.route == route)])
        parts += [persons * width + codes[each] for each in categories]
    return _distinct(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def _first(verdicts: Sequence[Verdict], exposures: pa.Table) -> FirstFinding | None:
    true = [each.said for each in verdicts if each.answer == "true"]
    if not true or not exposures.num_rows:
        return None
    said = min(true, key=lambda each: (each.raised_ms, each.id))
    before = exposures.filter(pc.less_equal(exposures["first"], said.raised_ms))
    return FirstFinding(
        id=said.id,
        raised_ms=said.raised_ms,
        after_seconds=said.raised_ms // 1000 - pc.min(exposures["first"]).as_py() // 1000,
        persons_before=pc.count_distinct(before["member"]).as_py(),
    )


def bounds(truth: Truth, counts: Sequence[Count]) -> tuple[Bounds, ...]:
    """Counts of views, accounts and persons, each beside what was true of the breach."""
    told = [party for party in truth.parties if party.kind == "breach"]
    breach = pa.array([at for at, party in enumerate(truth.parties) if party.kind == "breach"], pa.int16())
    exposures = truth.exposures.filter(pc.is_in(truth.exposures["party"], breach))
    persons = told[0].persons if len(told) == 1 else None  # two parties may have read the same book
    real = (sum(party.views for party in told), int(_seen_by(truth, exposures).sum()), persons)
    return tuple(Bounds(count=count, truth=each) for count, each in zip(counts, real, strict=True))
