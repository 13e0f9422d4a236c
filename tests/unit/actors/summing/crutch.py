"""Views, answers and late signs of days in hand, from the tables that detectors read now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors import Detector, Explanation
from whosaw.actors.actor_views import Flag, Memory
from whosaw.actors.cases import CaseTables
from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.explanation import prepare
from whosaw.actors.flags import flags
from whosaw.actors.run import asks_manners, drop_tables, signs_of, why_untold
from whosaw.actors.signs import SIGNS, make_views
from whosaw.actors.summing.late_views import known
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.sums import sums_of
from whosaw.actors.summing.told import Told
from whosaw.actors.summing.who import Digests
from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.kinds import kind
from whosaw.store.sql import Session, quote_name

DAY = 86_400_000_000


def by_number(_kind: str, numbers: pa.Array) -> pa.Array:
    """Digests in the order of the numbers, as ties go now."""
    return pa.array([int(each).to_bytes(16, "big") for each in numbers.to_pylist()], pa.binary(16))


def sums(
    views: pa.Table, answers: pa.Table, late: pa.Table, *, span: Span, plan: Plan, digests: Digests
) -> dict[str, pa.Table]:
    """The sums of a span from rows of `late`, as `sums_of` is given them by the step that gathers what was known late. `views` and
    `answers` hold the days of whose views `late` tells, too."""
    ways = views if "way" in views.column_names else views.append_column("way", pa.nulls(views.num_rows))
    views_of, answers_of, late_of = (
        each.filter((pc.field("day") >= span.first - 1) & (pc.field("day") <= span.last))
        for each in (views, answers, late)
    )
    told = known(late_of.sort_by("day"), views, ways, answers, digests)
    return sums_of(views_of, answers_of, told, span=span, plan=plan, digests=digests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A ledger in hand, and what clauses ask of it."""

    views: pa.Table
    answers: pa.Table
    late: pa.Table
    plan: Plan
    span: Span
    session: Session
    asked: tuple[Detector, ...]
    tried: Mapping[str, Explanation]

    def flags(self, detector: Detector, memory: Memory | None = None) -> list[Flag]:
        """Who is flagged now, by the tables that this came from."""
        tried = [self.tried[each] for each in detector.explanations]
        return flags(self.session, detector, tried, memory or Memory())


@contextmanager
def in_hand(
    made: CaseTables, detectors: Sequence[Detector], explanations: Mapping[str, Explanation]
) -> Iterator[Hand]:
    """The tables of a case, or of a ledger, as detectors that can tell anything are given them."""
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        context = prepare(session, made.context).context
        asked = tuple(each for each in detectors if not why_untold(each, context))
        yield from hands(session, context, asked, explanations)


def hands(session, context, asked, explanations) -> Iterator[Hand]:  # type: ignore[no-untyped-def]
    """The same of a session that is prepared."""
    tried = dict(explanations)  # `entities` counts by rules that no clause of these may ask
    signs = {sign.name: sign for sign in signs_of(asked)}
    manners = any(map(asks_manners, asked))
    make_views(session, context, list(tried.values()), list(signs.values()), manners=manners)
    told = Told(explanations=EXPLAINED_BY, signs=SIGNS)
    columns = ", ".join(
        [
            *(f"{quote_name(each)}::UTINYINT AS a{EXPLAINED_BY.index(each)}" for each in tried),
            *(
                f"{sign.column} AS s{SIGNS.index(name)}, {sign.time} AS t{SIGNS.index(name)}"
                for name, sign in signs.items()
            ),
        ]
    )
    rows = session.query(
        f"SELECT (time // {DAY})::INTEGER AS day, person, time, content, line, client, route, extra_at_most AS extra, unsure, "
        + ", ".join(quote_name(name) for name in client.NAMES)
        + (", manner AS way" if manners else "")
        + (f", {columns}" if columns else "")
        + " FROM detect_all ORDER BY day, person NULLS LAST, time, content, line"
    )
    answers, late = _answers(rows, told)
    wanted = kind("views").in_hand
    views = pa.table([rows[each.name].cast(each.type) for each in wanted], schema=wanted)
    if manners:
        views = views.append_column("way", rows["way"].cast(pa.int32()))
    day = [*views["day"].to_pylist(), *late["day"].to_pylist()]
    yield Hand(
        views=views, answers=answers, late=late, plan=Plan.of(asked, told),
        span=Span(min(day), max(day)) if day else Span(0, -1), session=session, asked=asked, tried=tried,
    )  # fmt: skip
    drop_tables(session)


def _answers(rows: pa.Table, told: Told) -> tuple[pa.Table, pa.Table]:
    """What is known of a view only later is not told when it is made, and borne when it is known."""
    count = rows.num_rows
    day = rows["day"].to_numpy()
    position = np.arange(count) - np.searchsorted(day, day)
    answers, signs = np.zeros(count, np.uint16), np.zeros(count, np.uint64)
    for at in range(len(told.explanations)):
        if f"a{at}" not in rows.column_names:
            continue
        answers |= rows[f"a{at}"].to_numpy().astype(np.uint16) << np.uint16(3 * at)
    late = []
    time = rows["time"].to_numpy()
    for at in range(len(told.signs)):
        if f"s{at}" not in rows.column_names:
            signs |= np.uint64(2 << 2 * at)
            continue
        bears = np.asarray(rows[f"s{at}"].combine_chunks().cast(pa.int8()).fill_null(2), np.uint64)
        known = rows[f"t{at}"].to_numpy()
        later = (bears == 1) & (known > time)
        late += [
            (known[row] // DAY, day[row], position[row], at, known[row]) for row in np.flatnonzero(later)
        ]
        signs |= np.where(later, 2, bears).astype(np.uint64) << np.uint64(2 * at)
    schema = kind("late").in_hand
    late_rows = pa.table(
        [pa.array([int(row[at]) for row in sorted(late)], each.type) for at, each in enumerate(schema)],
        schema=schema,
    )
    return pa.table(
        {
            "day": rows["day"],
            "position": pa.array(position, pa.int32()),
            "answers": answers,
            "rules": np.zeros(count, np.uint8),
            "signs": signs,
        }
    ).cast(kind("answers").in_hand), late_rows


def of_actor(rows: pa.Table, **values: int) -> pa.Table:
    """The rows with these values."""
    for name, value in values.items():
        rows = rows.filter(pc.equal(rows[name], value))
    return rows
