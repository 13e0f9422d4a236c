"""What each view of some days is explained by: four rules, each a function of views, the rows of the context that they meet, and facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explanation import (
    CANNOT_TELL,
    EXPLAINED,
    NOT_APPLICABLE,
    UNEXPLAINED,
    Explanation,
)
from whosaw.core import client
from whosaw.store.kinds import kind
from whosaw.store.sql import Session

from .answers import EXPLAINED_BY, Codes, packed, rules_of
from .context_rows import CALLS_BY, ContextRows
from .day_facts import DayFacts, facts_table
from .statements import explaining_statement

__all__ = ["EXPLAINED_VIEWS", "READS", "answers_of", "explain"]

Bools = npt.NDArray[np.bool_]

READS: Final = (
    "person",
    "time",
    "route",
    *client.picked(
        "explanations",
        "address",
        "network",
        "key",
        "principal",
        "session",
        "token",
        why="tables of the context name these",
    ),
)
"""The columns of `views` that explanations read."""
EXPLAINED_VIEWS: Final = kind("explained").in_hand
_TABLES: Final = {
    "issued-session": ("logins", "staff", "services"),
    "same-household": ("logins", "subjects", "delegations"),
    "known-service": ("services",),
    "open-ticket": ("staff", "tickets", "shifts", "roles"),
}
_PASSES: Final = client.picked(
    "actors.explaining.explain", "token", "session", why="what is issued to a person, who may lend it"
)
_ASKS: Final = ("services", "staff", "shifts", "roles")  # tables of which it matters whether they were given


def explain(
    session: Session,
    views: pa.Table,
    rows: ContextRows,
    facts: Mapping[int, DayFacts],
    explanations: Mapping[str, Explanation],
) -> pa.Table:
    """The rows of `explained` for these days. `views` has `day` and the columns of `READS`, in the order of days and in each
    in its total order; `facts` says what holds of each day. A view of a planted person is explained by those explanations alone
    that say they can."""
    days = views["day"].to_numpy()
    first = np.searchsorted(days, days)
    told = {
        each.id: answers_of(session, views, rows, facts, each)
        for each in explanations.values()
        if each.id in EXPLAINED_BY
    }
    answers = packed(told, views.num_rows)
    return pa.table(
        [
            views["day"],
            pa.array(np.arange(len(days)) - first, pa.int32()),
            pa.array(answers),
            pa.array(rules_of(answers)),
        ],
        schema=EXPLAINED_VIEWS,
    )


def answers_of(
    session: Session,
    views: pa.Table,
    rows: ContextRows,
    facts: Mapping[int, DayFacts],
    explanation: Explanation,
) -> Codes:
    """What one explanation says of each view, in their order."""
    if not views.num_rows:
        return np.zeros(0, np.uint8)
    answers, asked = np.zeros(views.num_rows, np.uint8), np.ones(views.num_rows, bool)
    if facts.keys() >= set(views["day"].unique().to_pylist()):
        answers, asked = _of_others(views, rows, facts, explanation.rule)
    if asked.any():
        answers[asked] = _looked_up(session, views.filter(pa.array(asked)), rows, facts, explanation)
    if not explanation.explains_canaries:
        planted = pc.is_in(views["person"].cast(pa.int64()), rows.rows("canaries")["person"].drop_null())
        answers[(answers == EXPLAINED) & planted.to_numpy(zero_copy_only=False)] = UNEXPLAINED
    return answers


def _looked_up(
    session: Session,
    views: pa.Table,
    rows: ContextRows,
    facts: Mapping[int, DayFacts],
    explanation: Explanation,
) -> Codes:
    """What the statement of a rule says of each of these views, be they planted or not."""
    asked = views.select(["day", *READS]).append_column("place", pa.array(np.arange(views.num_rows)))
    tables = {name: rows.rows(name) for name in _TABLES[explanation.rule]}
    found = session.query(
        explaining_statement(explanation.rule.replace("-", "_")),
        [explanation.clock_slack],
        views=asked,
        day_facts=facts_table(rows, facts),
        given=pa.table(
            {**{name: [rows.given(name)] for name in _ASKS}, "no_staff": ["staff" in rows.stated.lacking]}
        ),
        wall=pa.table(
            {"since": [at for at, _ in rows.stated.wall], "ahead": [by for _, by in rows.stated.wall]}
        ),
        **tables,
    )
    if found.num_rows != views.num_rows:
        raise ValueError("facts of a day are missing")
    return np.asarray(found["answer"].to_numpy(), np.uint8)


def _of_others(
    views: pa.Table, rows: ContextRows, facts: Mapping[int, DayFacts], rule: str
) -> tuple[Codes, Bools]:
    """What a rule says of views that none of its tables names, which is told without its statement: mostly none does. And which views are not
    among these."""
    alike = np.full(views.num_rows, NOT_APPLICABLE, np.uint8)
    if rule == "issued-session":
        # nobody is on record, and whether the log knows ids of logins cannot be told
        has = any(rows.rows(name).num_rows for name in _TABLES[rule])
        known = has or any(each.tokens or each.sessions for each in facts.values())
        return np.full_like(alike, CANNOT_TELL), np.full(len(alike), known)
    if rule == "same-household":  # no pass is anybody else's
        held = np.logical_or.reduce([rows.named(views, each, "logins") for each in _PASSES])
        return alike, held & views["person"].is_valid().to_numpy()
    if rule == "known-service":
        alike[:] = NOT_APPLICABLE if rows.given("services") else CANNOT_TELL
        named = [rows.named(views, each, "services") for each in CALLS_BY]
        return alike, np.logical_or.reduce(named)
    if "staff" not in rows.stated.lacking:
        unknown = views["principal"].is_null().to_numpy() | (not rows.given("staff"))
        alike[unknown] = CANNOT_TELL
    return alike, rows.named(views, "principal", "staff", "staff")
