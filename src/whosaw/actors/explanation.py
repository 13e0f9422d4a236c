"""Explanations: recorded facts that make a view legitimate, and the three answers they give.

Each item names one of the fixed rules below and its numbers; a rule is one SQL statement that adds an
answer to every view. A view is explained if any explanation says so. It is unexplained if all that apply
looked and found nothing, or if one found that its token was never issued to anybody. Otherwise, where
evidence that was needed is missing, it cannot be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table
from whosaw.store.sql import Session, quote_name

from .belief import ASK_OF_IDS, Logins, Tickets, judge_logins, judge_tickets
from .cases import Case, read_cases
from .context import Asked, Context
from .context_exports import out_of_time
from .context_schema import table_schemas
from .statement import statement

__all__ = [
    "ANSWERS", "CANNOT_TELL", "EXPLAINED", "NEVER_ISSUED", "NOT_APPLICABLE", "UNEXPLAINED",
    "Believed", "Explanation", "answer_columns", "answer_over", "answered", "load_explanations", "prepare",
]  # fmt: skip

NOT_APPLICABLE: Final = 0
EXPLAINED: Final = 1
UNEXPLAINED: Final = 2
CANNOT_TELL: Final = 3
NEVER_ISSUED: Final = 4  # unexplained, and no other explanation can help
ANSWERS: Final = {"does not apply": 0, "explained": 1, "unexplained": 2, "cannot tell": 3, "never issued": 4}

# A planted person has no session and no ticket: whoever was issued one is not explained by it.
_NOT_FOR_CANARIES: Final = (
    f"(CASE WHEN answer = {EXPLAINED} AND person IN (SELECT person FROM detect_canaries WHERE person >= 0) "
    f"THEN {UNEXPLAINED} ELSE answer END)::UTINYINT"
)
_TABLES: Final = (
    "logins", "services", "staff", "tickets", "canaries", "keys", "subjects", "shifts", "roles", "delegations",
)  # fmt: skip
_HOUR: Final = 3_600_000_000
_ALL: Final = "SELECT * FROM given_rows"
# of a whole country's people, no more than what is asked of them
_KEPT: Final = {
    "subjects": "SELECT subject, home, family, staff, public FROM given_rows WHERE coalesce(home, staff) IS NOT NULL OR public = 1"
}
_RULES: Final = {
    "issued-session": ("issued_session", ("logins",)),
    "known-service": ("known_service", ("services",)),
    "open-ticket": ("open_ticket", ("staff", "tickets")),
    "same-household": ("same_household", ("logins", "delegations or subjects.home")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One item: a rule, its numbers, and the context tables it looks into."""

    id: str
    title: str
    why: str
    blind_spots: tuple[str, ...]
    rule: str
    gap: str  # why a view cannot be told though its tables are there
    explains_canaries: bool  # whether it can explain a view of a planted person
    clock_slack: int  # microseconds by which the clocks of two systems may differ
    cases: tuple[Case, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        return _RULES[self.rule][1]

    @property
    def statement(self) -> str:
        """Adds the column `answer` to a relation `input`; binds one value, the slack."""
        return statement(_RULES[self.rule][0])

    def why_not(self, context: Asked) -> str:
        """Why this cannot be told with this context; empty when all it needs is there, or there is none of a table that decides it."""
        if any(name in context.lacking and not context.why_not(name, rows=False) for name in self.needs):
            return ""
        for name in self.needs:
            if reason := context.why_not(name, rows=False):
                return reason
        return ""


def load_explanations(folders: Sequence[Path] | None = None, *, cases: bool = True) -> dict[str, Explanation]:
    """The explanations of `folders` (None: those shipped) by id, with their cases or without. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found: dict[str, Explanation] = {}
    folders = [shipped("explanations")] if folders is None else folders
    for file in item_files(folders, faults, cases=cases):
        reader = Table.of_item(file, faults)
        explanation = Explanation(
            id=reader.name,
            title=reader.text("title"),
            why=reader.text("why"),
            blind_spots=reader.texts("blind_spots"),
            rule=reader.text("rule", one_of=tuple(_RULES)),
            gap=reader.text("gap"),
            explains_canaries=reader.flag("explains_canaries"),
            clock_slack=reader.duration("clock_slack"),
            cases=read_cases(reader, expects=tuple(ANSWERS)) if cases else (),
        )
        reader.words()
        reader.rest_unknown()
        found[explanation.id] = explanation
    if faults:
        raise FaultsError("explanations.invalid", faults)
    return found


def answer_columns(sql: str, explanations: Sequence[Explanation]) -> tuple[str, list[object]]:
    """SQL that adds one column for each explanation, named by its id, to the views of `sql`; its bound values."""
    for each in explanations:
        inner = f"WITH input AS ({sql}) SELECT * FROM ({each.statement})"
        answer = "answer" if each.explains_canaries else _NOT_FOR_CANARIES
        sql = f"SELECT * EXCLUDE (answer), {answer} AS {quote_name(each.id)} FROM ({inner})"
    return sql, [each.clock_slack for each in explanations]


def answer_over(explanations: Sequence[Explanation]) -> str:
    """An SQL expression: the answer that the columns of these explanations give together."""
    names = [quote_name(each.id) for each in explanations]

    def any_is(code: int) -> str:
        return " OR ".join(f"{name} = {code}" for name in names) or "false"

    return (
        f"(CASE WHEN {any_is(EXPLAINED)} THEN {EXPLAINED} WHEN {any_is(NEVER_ISSUED)} THEN {UNEXPLAINED} "
        f"WHEN {any_is(CANNOT_TELL)} THEN {CANNOT_TELL} ELSE {UNEXPLAINED} END)::UTINYINT"
    )


def answered(explanations: Sequence[Explanation]) -> tuple[str, list[object]]:
    """SQL for the views that count with each explanation's answer and `answer` over all; its bound values."""
    sql, values = answer_columns(statement("base").format(told=""), explanations)
    return f"SELECT *, {answer_over(explanations)} AS answer FROM ({sql})", values


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """What of a context is believed once it was held against the logs."""

    context: Context
    tickets: Tickets
    logins: Logins
    exports: tuple[str, ...] = ()  # what is to be said of those of another time

    @property
    def questions(self) -> tuple[str, ...]:
        ids = ASK_OF_IDS if self.context.of_strangers else ""
        return tuple(
            each for each in (self.tickets.question, self.logins.question, ids, *self.exports) if each
        )


def prepare(session: Session, context: Context) -> Believed:
    """Put the context where the rules look for it, as temporary tables of the session. A table that contradicts most of what the
    logs show is set aside."""
    absent = [_empty(name) for name in _TABLES if not context.given(name)]
    if absent:
        session.execute("; ".join(absent))
    for name in _TABLES:
        if context.given(name):
            session.query(
                f"CREATE OR REPLACE TEMP TABLE {quote_name('detect_' + name)} AS {_KEPT.get(name, _ALL)}",
                given_rows=context.rows(name),
            )
    session.execute(statement("agents"))
    session.execute(f"CREATE OR REPLACE TEMP VIEW detect_clients AS {statement('clients')}")
    session.execute(statement("prepare_logins"))
    session.execute(statement("not_customers"))
    session.execute(statement("prepare_people"))
    session.query(
        "CREATE OR REPLACE TEMP TABLE detect_wall AS SELECT * FROM wall_rows",
        wall_rows=pa.table(
            {"since": [at for at, _ in context.wall], "ahead": [by for _, by in context.wall]}
        ),
    )
    tickets, logins = judge_tickets(session, context), judge_logins(session, context)
    for name, later in (("ticket", tickets.later), ("login", logins.later)):
        session.query(
            f"CREATE OR REPLACE TEMP TABLE detect_{name}_shifts AS SELECT coalesce(list(micros), []) AS shifts FROM shift_rows",
            shift_rows=pa.table({"micros": pa.array([each * _HOUR for each in later], pa.int64())}),
        )
    holes = context.logins_missing()
    session.query(
        "CREATE OR REPLACE TEMP TABLE detect_login_holes AS SELECT coalesce(list({'since': since, 'until': until}), []) AS holes FROM hole_rows",
        hole_rows=pa.table({
            "since": pa.array([each.since for each in holes], pa.int64()),
            "until": pa.array([each.until for each in holes], pa.int64()),
        }),
    )  # fmt: skip
    if tickets.aside:
        context = replace(context, aside={**context.aside, "tickets": tickets.aside})
    covered = context.logins_cover()
    lasts = context.sessions_last
    if lasts is None and covered is not None:
        lasts = session.query(statement("session_lasts"))["lasts"][0].as_py()
    session.execute(
        statement("given"),
        [
            context.matched("logins", "token") and not context.of_strangers,
            context.matched("logins", "session") and not context.of_strangers,
            covered[0] if covered else 0, covered[1] if covered else 0, lasts or 0,
            context.given("services"), context.given("staff"), context.given("tickets") and not tickets.aside,
            context.given("shifts"), context.given("roles"),
            context.given("delegations"), context.says("subjects", "home"), "staff" in context.lacking,
        ],
    )  # fmt: skip
    exports: tuple[str, ...] = ()
    if any(each.as_of is not None for each in context.told):
        span = session.query("SELECT epoch_us(min(time)) AS first, epoch_us(max(time)) AS last FROM views")
        exports = out_of_time(context.told, span["first"][0].as_py(), span["last"][0].as_py())
    return Believed(context=context, tickets=tickets, logins=logins, exports=exports)


def _empty(name: str) -> str:
    """A statement that makes the relation of a table that nobody gave."""
    columns = ", ".join(
        f"{quote_name(column.name)} {column.sql_type}"
        for column in table_schemas()[name].columns
        if column.stored is not None
    )
    return f"CREATE OR REPLACE TEMP TABLE {quote_name('detect_' + name)} ({columns})"
