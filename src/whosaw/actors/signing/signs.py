"""Which signs each view of a day bears when it is made; and which ones bear one that is known only later, on the day on which it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.context_rows import ContextRows
from whosaw.actors.explanation import Explanation
from whosaw.actors.signs import SIGNS, Sign
from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.distinct import alike, distinct
from whosaw.store.kinds import DAY, kind
from whosaw.store.schemas import UNAUTHORIZED
from whosaw.store.sql import Session

from .columns import BEARS, CLIENT, LACKS, ONE_DAY, SHIFTS, UNTOLD, Ints, among, keys_of, plain, positions
from .guessing import guessed_by_many, in_vain
from .of_context import coded, lay_out, told_of_context
from .of_visits import WEEK, OfVisits
from .statement import statement

__all__ = ["DAYS_BACK", "NEAR", "OLDER", "VISITS_BACK", "Days", "Facts", "Rows", "Signed", "sign"]

DAYS_BACK: Final = 30
"""A pass is held against so many days before."""
NEAR: Final = 2
VISITS_BACK: Final = WEEK + NEAR + 1
"""Views of `NEAR` days before are asked for their visits, which began a day before at most, and for the week before these."""
OLDER: Final = (
    "time",
    "client",
    *client.picked(
        "actors.signing.signs",
        "token",
        "session",
        "agent",
        "network",
        why="a pass, and what tells one hand from another that carries it",
    ),
)
_SIGNED: Final = pa.schema([DAY, ("position", pa.int32()), ("signs", pa.uint64())])
_LATE: Final = kind("late").in_hand
_NEVER: Final = -(1 << 31)  # a day before all others
_NONE_SECOND: Final = pa.schema([
    ("row", pa.int64()), ("told", pa.int64()), ("sign", pa.bool_()), ("known", pa.int64()), ("today", pa.int64()),
]).empty_table()  # fmt: skip
_NONE_AROUND: Final = pa.schema([("row", pa.int64()), ("known", pa.int64())]).empty_table()
_ALL: Final = tuple(Sign(name=each) for each in SIGNS)
# statements that tell which views bear a sign, what stands in their places, and what a view has of which that can be told at all;
# an agent is shared by strangers whose dead links add up, so it takes one for each person; and strangers browse, so only visits
# that did nothing but ask for people bear it
_AROUND: Final[Mapping[str, tuple[str, Mapping[str, str], tuple[str, ...]]]] = {
    "guessed": (
        "guessed",
        {"place": "c.address", "known": "c.address IS NOT NULL", "people": "4", "alike": "true"},
        ("address",),
    ),
    "guessed-anywhere": (
        "guessed",
        {"place": "0", "known": "c.agent IS NOT NULL", "people": "1", "alike": "c.bare"},
        ("agent",),
    ),
    # many a visit begins at a page that asks for a login first, so it takes more failures than people; one for each is no news by
    # itself, but beside others of whom there is no doubt two of four that opened are theirs, too
    "among-failures": ("among_failures", {"failures": "p.people + 1"}, ("address", "person")),
    "among-as-many-failures": (
        "among_failures",
        {"failures": "greatest(p.people, 2)"},
        ("address", "person"),
    ),
}
_SECOND, _BY_MANY = "second-device", "guessed-by-many"
_OF_ROWS: Final = frozenset(SIGNS) - _AROUND.keys() - {_SECOND, _BY_MANY, "hollow", "nothing-else"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Runs in hand. Of `views` those of the span, of the day after it, and of the `NEAR` days before it, of which it may be told now that
    numbers were guessed; whole days, each in its order. Of `tries` the same days, of `visits` `VISITS_BACK` before, of `passes`
    `DAYS_BACK`. `seen` are people whose pages were asked for in vain (`SEEN`). `older` gives, where it is asked for, the columns `OLDER`
    of views of the days before those, day by day, as far back as anything is to be told of their passes."""

    views: pa.Table
    answers: pa.Table
    visits: pa.Table
    passes: pa.Table
    tries: pa.Table
    seen: pa.Table
    older: Callable[[], Iterable[pa.Table]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is on record beside the logs: the context, and which person a principal claims to be (principal, person)."""

    context: ContextRows
    claims: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`keys_met`: days as of which the table of keys knows a key that the log shows. `hindsight`: the last of the days that are judged
    together, as nothing lies before them; None: none of the days is among them."""

    keys_met: Collection[int] = field(default=frozenset())
    hindsight: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """By view (day, position) two bits for each sign (`SHIFTS`): it lacks it, bears it, or that cannot be told. `late` are views that
    bear a sign which is known only after them, with the instant, on the day on which it is, be it their own: in `signs` they
    lack it or it cannot be told."""

    signs: pa.Table
    late: pa.Table


def sign(
    session: Session,
    span: Span,
    days: Days,
    rows: Rows,
    facts: Facts,
    *,
    explanations: Sequence[Explanation],
    signs: Sequence[Sign] = _ALL,
) -> Signed:
    """What is told of the views of a span; a sign that is not among `signs` is told of no view."""
    told = _Told(span, days.views)
    asked = {each.name for each in signs}
    working = lay_out(session, rows.context)
    of_visits = OfVisits(days.views, days.tries, days.visits, working)
    for name, found in of_visits.signs().items():
        if name in asked:
            told.put(name, found)
    session.register("sign_keys_met", pa.table({"day": pa.array(sorted(facts.keys_met), pa.int32())}))
    session.register("claims", rows.claims)
    of_rows = [each for each in signs if each.name in _OF_ROWS]
    mine = _with_answers(days.views.take(pa.array(told.mine)), days.answers)
    for name, found in told_of_context(session, mine, rows.context, of_rows, explanations).items():
        told.put(name, found, told.mine)
    in_hand, tries = of_visits.views(), of_visits.tries()
    session.register("sign_views", in_hand)
    session.register("sign_tries", tries)
    session.register("sign_seen", days.seen)
    hindsight = _NEVER if facts.hindsight is None else facts.hindsight
    named = {
        "first": str(span.first),
        "last": str(span.last),
        "days": str(DAYS_BACK),
        "hindsight": str(hindsight),
    }
    of_tries = {
        "guessed": bool(in_vain(tries, days.seen, hindsight).any()),
        "among_failures": bool((plain(tries["status"], 0) == UNAUTHORIZED).any()),
    }
    if any(of_tries.values()):
        session.register("sign_hourly", session.query(statement("people_seen").format(**named)))
    for name, (text, places, has) in _AROUND.items():
        if (
            name in asked
        ):  # mostly there is nothing that it could be told from, and planning a statement is most of a small day
            found = (
                session.query(statement(text).format(**named, **places)) if of_tries[text] else _NONE_AROUND
            )
            told.put_known(name, has, found)
    if _BY_MANY in asked:
        guessed = guessed_by_many(in_hand, tries, days.seen, first=span.first, hindsight=hindsight)
        told.put_known(_BY_MANY, ("agent",), guessed)
    passes = _in_several_hands(days.passes) if _SECOND in asked else days.passes
    if _SECOND in asked and not passes.num_rows:
        told.put_second(_NONE_SECOND)
    elif _SECOND in asked:
        place = pa.array(np.arange(passes.num_rows))
        session.register("sign_passes", passes.append_column("place", place))
        second = session.query(statement("second_device").format(**named))
        session.register("sign_second", second)
        told.put_second(session.query(statement("second_views").format(**named)))
        comes = pc.and_(second["sign"], pc.invert(pc.fill_null(second["before"], fill_value=False)))
        if pc.any(comes).as_py():
            session.register("sign_older", _carried(days.older(), second.filter(comes)))
            told.put_older(session.query(statement("second_older").format(**named)))
    return told.signed()


def _in_several_hands(passes: pa.Table) -> pa.Table:
    """The rows of passes that several agents and several networks carried, or of several rows of which one lacks either: nothing is asked of
    the others, which are almost all."""
    of, _ = alike(*(plain(passes[each]).astype(np.int64) for each in ("kind", "pass")))
    agent, network = (plain(passes[each], -1).astype(np.int64) for each in ("agent", "network"))
    whole = np.flatnonzero((agent >= 0) & (network >= 0))
    several = (np.bincount(of) > 1) & (
        np.bincount(of[whole], minlength=int(of.max(initial=-1)) + 1) < np.bincount(of)
    )
    many = np.ones(len(several), bool)
    for values in (agent[whole], network[whole]):
        one = np.full(len(several), -1)
        one[of[whole]] = values
        unlike = np.zeros(len(several), bool)
        unlike[of[whole][values != one[of[whole]]]] = True
        many &= unlike
    return passes.filter(pa.array((several | many)[of]))


def _carried(days: Iterable[pa.Table], second: pa.Table) -> pa.Table:
    """Of the views of these days those of passes of which more is known now, with their place."""
    passes = distinct(plain(second["pass"]))
    found = []
    for views in days:
        kinds, keys = keys_of(views)
        rows = np.flatnonzero((kinds != CLIENT) & among(keys, passes))
        day = plain(views["day"]).astype(np.int32)
        some = views.select(["day", "time", "agent", "network"]).take(pa.array(rows))
        for name, values in (("position", positions(day)), ("pass_kind", kinds), ("pass", keys)):
            some = some.append_column(name, pa.array(values[rows]))
        found.append(some)
    return pa.concat_tables(found)


def _with_answers(views: pa.Table, answers: pa.Table) -> pa.Table:
    """Views with their number and their answers, which stand beside them."""
    if not np.array_equal(plain(views["day"]), plain(answers["day"])):
        raise ValueError("answers do not stand beside the views")
    numbered = views.append_column("row", pa.array(np.arange(views.num_rows)))
    return numbered.append_column("answers", answers["answers"])


class _Told:
    """What was told so far of the views in hand, row by row."""

    def __init__(self, span: Span, views: pa.Table) -> None:
        self._span, self._views = span, views
        self._day = plain(views["day"]).astype(np.int32)
        self._time = plain(views["time"]).astype(np.int64)
        self._position = positions(self._day)
        self.mine: Ints = np.flatnonzero((self._day >= span.first) & (self._day <= span.last))
        self._has_device = np.logical_and.reduce(
            [views[each].is_valid().to_numpy().astype(bool) for each in ("agent", "network")]
        ) & (
            views["token"].is_valid().to_numpy().astype(bool)
            | views["session"].is_valid().to_numpy().astype(bool)
        )
        self._bits = np.full(len(self._day), _untold(), np.uint64)
        self._late: list[dict[str, npt.NDArray[np.generic]]] = []

    def put(self, name: str, found: npt.NDArray[np.int8], rows: Ints | slice = slice(None)) -> None:
        """What a sign says of these rows, known with the view itself."""
        shift = np.uint64(SHIFTS[name])
        self._bits[rows] = (self._bits[rows] & ~(np.uint64(3) << shift)) | (found.astype(np.uint64) << shift)

    def put_known(self, name: str, has: Sequence[str], rows: pa.Table) -> None:
        """Which views (row, known) since the day before the span bear a sign, where it may be known later; of the others it can be told if they
        have all of these."""
        near = [self._day >= self._span.first - 1, *(self._views[each].is_valid().to_numpy() for each in has)]
        tellable = np.flatnonzero(np.logical_and.reduce(near))
        self.put(name, np.full(len(tellable), LACKS, np.int8), tellable)
        row, known = (plain(rows[each]).astype(np.int64) for each in ("row", "known"))
        known = np.maximum(known, self._time[row])
        own = row[known == self._time[row]]
        self.put(name, np.full(len(own), BEARS, np.int8), own)
        self._add_late(name, row, known)

    def put_second(self, rows: pa.Table) -> None:
        """A device of a pass (row, told, sign, known, today), as of several days."""
        self.put(_SECOND, np.where(self._has_device, LACKS, UNTOLD).astype(np.int8))
        row, day = plain(rows["row"]).astype(np.int64), plain(rows["told"]).astype(np.int64)
        said = coded(rows["sign"])
        own = day == self._day[row]
        known, today = (plain(rows[each], 0).astype(np.int64) for each in ("known", "today"))
        known = np.maximum(np.where(~own & (known // ONE_DAY < day), today, known), self._time[row])
        bears = said == BEARS
        said[bears & (known > self._time[row])] = LACKS
        self.put(_SECOND, said[own], row[own])
        self._add_late(_SECOND, row[bears], known[bears])

    def put_older(self, rows: pa.Table) -> None:
        """The same of views of days long ago (day, position, time, told, known, today), as of days of the span."""
        told, known, today, time = (
            plain(rows[each], 0).astype(np.int64) for each in ("told", "known", "today", "time")
        )
        known = np.maximum(np.where(known // ONE_DAY < told, today, known), time)
        self._late_of(_SECOND, plain(rows["day"]), plain(rows["position"]), time, known)

    def _add_late(self, name: str, row: Ints, known: Ints) -> None:
        self._late_of(name, self._day[row], self._position[row], self._time[row], known)

    def _late_of(self, name: str, day: Any, position: Any, time: Ints, known: Ints) -> None:
        later = (known > time) & (known >= self._span.start) & (known < self._span.end)
        known = known[later]
        self._late.append({
            "day": known // ONE_DAY, "view_day": day[later], "position": position[later],
            "sign": np.full(len(known), SIGNS.index(name)), "known": known,
        })  # fmt: skip

    def signed(self) -> Signed:
        signs = pa.table(
            [self._day[self.mine], self._position[self.mine], self._bits[self.mine]], schema=_SIGNED
        )
        if not self._late:
            return Signed(signs=signs, late=_LATE.empty_table())
        joined = {name: np.concatenate([each[name] for each in self._late]) for name in _LATE.names}
        order = np.lexsort([joined[name] for name in ("sign", "position", "view_day", "day")])
        late = pa.table([pa.array(joined[each.name][order]).cast(each.type) for each in _LATE], schema=_LATE)
        return Signed(signs=signs, late=late)


def _untold() -> np.uint64:
    return np.uint64(sum(UNTOLD << shift for shift in SHIFTS.values()))
