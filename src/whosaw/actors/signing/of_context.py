"""What the context says of a view: its pass, its key, who asked and whom they read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.explaining.context_rows import CALLS_BY, ContextRows
from whosaw.actors.explanation import Explanation
from whosaw.actors.signs import Sign
from whosaw.actors.statement import statement as shared
from whosaw.core import client
from whosaw.store.sql import Session, quote_name

from .columns import UNTOLD, Ints, plain
from .statement import statement

__all__ = ["coded", "lay_out", "told_of_context"]

_OWN: Final = {
    "key-unknown": "key_unknown"
}  # what rests on a day, where the shared statement asks the whole ledger
_OF_STAFF: Final = frozenset({"principal-left", "own-record", "colleague", "relative", "public-figure"})
"""Signs that can be told of those alone whom a table knows as staff."""
_OF_JOBS: Final = frozenset({"service-ended"})
"""The same of jobs and partners."""
_READS: Final = (
    "row",
    "day",
    "time",
    "person",
    "answers",
    *client.picked(
        "actors.signing.of_context", "token", "session", *CALLS_BY, why="statements of signs name these"
    ),
)
_BITS: Final = 3
_ASKED: Final = ("keys", "logins", "services", "staff", "subjects")  # tables that a statement of a sign reads
_OF_DEVICES: Final = "logins"  # the one that is read where there is no context, too


def lay_out(session: Session, context: ContextRows) -> Ints:
    """Put the tables of the context where statements look for them. Returns the principals on record as staff, jobs or partners."""
    given = {name: context.rows(name) for name in _ASKED}
    none = all(context.stated.lacks(name) and not rows.num_rows for name, rows in given.items())
    for name, rows in given.items():
        if name == _OF_DEVICES or not none:
            session.query(
                f"CREATE OR REPLACE TEMP TABLE {quote_name('detect_' + name)} AS SELECT * FROM given_rows",
                given_rows=_near_staff(context) if name == "subjects" else rows,
            )
    if none:  # what is told without any context reads that and one more, and each table takes as long as a small day
        session.execute("CREATE OR REPLACE TEMP TABLE detect_not_customers (principal INTEGER)")
        return np.empty(0, np.int64)
    for name in ("prepare_logins", "not_customers", "prepare_people"):
        session.execute(shared(name))
    session.execute(
        "CREATE OR REPLACE TEMP TABLE detect_given AS SELECT ?::BOOLEAN AS staff", [context.given("staff")]
    )
    working: Ints = plain(
        session.query("SELECT principal FROM detect_not_customers ORDER BY principal")["principal"]
    )
    return working


def _near_staff(context: ContextRows) -> pa.Table:
    """The rows of `subjects` that statements of signs may ask of: of those who work here, of whoever lives where they do, and of those whom many know.
    These are few; all others have no part in any sign."""
    subjects, subject = context.rows("subjects"), "subject"
    works = pc.is_in(subjects[subject], context.rows("staff")[subject].drop_null().combine_chunks())
    works = pc.or_(works, subjects["staff"].is_valid())
    works = pc.is_in(subjects[subject], subjects[subject].filter(works).drop_null().combine_chunks())
    homes = subjects["home"].filter(works).drop_null().combine_chunks()
    near = subjects[subject].filter(pc.is_in(subjects["home"], homes)).drop_null().combine_chunks()
    known = pc.fill_null(pc.equal(subjects["public"], 1), fill_value=False)
    return subjects.filter(pc.or_(pc.or_(works, known), pc.is_in(subjects[subject], near)))


def told_of_context(
    session: Session,
    views: pa.Table,
    context: ContextRows,
    signs: Sequence[Sign],
    explanations: Sequence[Explanation],
) -> dict[str, npt.NDArray[np.int8]]:
    """By sign what it says of each view. `views` carry `row` (from 0) and `answers`."""
    asked = [each for each in signs if not any(context.stated.lacks(name) for name in each.needs)]
    found = {each.name: np.full(views.num_rows, UNTOLD, np.int8) for each in signs}
    of_staff = context.named(views, "principal", "staff", "staff") | context.named(
        views, "principal", "subjects", "staff"
    )
    of_jobs = np.logical_or.reduce([context.named(views, each, "services") for each in CALLS_BY])
    views = views.select(_READS)
    for names, some in ((_OF_STAFF, of_staff), (_OF_JOBS, of_jobs), (None, np.ones(views.num_rows, bool))):
        mine = [
            each for each in asked if (each.name in names if names else each.name not in _OF_STAFF | _OF_JOBS)
        ]
        if mine and some.any():
            told = _told(session, views if some.all() else views.filter(pa.array(some)), mine, explanations)
            for sign in mine:
                found[sign.name][plain(told["row"])] = coded(told[sign.column[1:-1]])
    return found


def _told(
    session: Session, views: pa.Table, signs: Sequence[Sign], explanations: Sequence[Explanation]
) -> pa.Table:
    """By the number of a view what each sign says of it, in any order."""
    sql, values = "SELECT * FROM sign_told", list[object]()
    places = {each.rule: EXPLAINED_BY.index(each.id) for each in explanations if each.id in EXPLAINED_BY}
    for sign in signs:
        answer = "NULL"
        if sign.rule in places:
            answer = f"(answers::INTEGER >> {_BITS * places[sign.rule]} & {(1 << _BITS) - 1})"
        text = statement(_OWN[sign.name]) if sign.name in _OWN else sign.sql(answer)
        sql = sign.named(f"WITH input AS ({sql}) SELECT * FROM ({text})")
        values += [sign.clock_slack] if sign.clocks else []
    columns = "".join(f", {sign.column}" for sign in signs)
    return session.query(f'SELECT "row"{columns} FROM ({sql})', values, sign_told=views)


def coded(said: pa.ChunkedArray) -> npt.NDArray[np.int8]:
    """True, false and null as they stand in `answers`."""
    found: npt.NDArray[np.int8] = plain(said.cast(pa.int8()), UNTOLD).astype(np.int8)
    return found
