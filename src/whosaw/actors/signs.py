"""Signs: traits of a single view that hardly any honest view shows. One alone is weak evidence; many together are strong.

Each sign is one SQL statement that adds a column to the views: true, false, or null where it cannot be told or does not
apply. Detectors say whose signs are put together and how many are remarkable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from whosaw.store.sql import Session, quote_name

from .context import Context
from .explanation import Explanation, answer_columns
from .statement import statement

__all__ = ["KEPT", "SIGNS", "VISIT", "Sign", "make_views"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What one sign needs: context tables without which it cannot be told, the rule of the explanation whose answer it
    reads, whether it compares the clocks of two systems itself, whether what makes it true may come after the view, whether it is
    told of a client as a whole, the statement that tells it, with what stands in its places (its own statement where none is
    named), and the statements that are run before: what they find, `table`, fits into memory, what they go through need not."""

    needs: tuple[str, ...] = ()
    rule: str = ""
    clocks: bool = False
    later: bool = False
    of_client: bool = False
    statement: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()


# what one visit goes by: its token or session, or where the log has neither, the client itself
VISIT: Final = "coalesce(c.token, -2 - c.session, -1000000000000 - c.client)"
VISITED: Final = 1 << 25  # views that are put together to visits at once
_BATCH: Final = 1 << 20  # rows that are handed on at once
WORKS_AS: Final = "staff.subject or subjects.staff"  # which customer a member of staff is
_FACTS: Final[Mapping[str, _Facts]] = {
    "never-issued": _Facts(needs=("logins",), rule="issued-session"),
    "issued-to-another": _Facts(needs=("logins",), rule="issued-session"),
    "out-of-time": _Facts(needs=("logins",), rule="issued-session"),
    "key-retired": _Facts(needs=("keys",), clocks=True),
    "key-unknown": _Facts(needs=("keys.whole",)),
    "key-of-leaver": _Facts(needs=("staff", "keys.holders"), clocks=True),
    "principal-left": _Facts(needs=("staff",), clocks=True),
    "service-ended": _Facts(needs=("services",), clocks=True),
    "no-reason": _Facts(needs=("staff", "tickets"), rule="open-ticket"),
    "own-record": _Facts(needs=(WORKS_AS,)),
    "colleague": _Facts(needs=(WORKS_AS,)),
    "relative": _Facts(needs=(WORKS_AS, "subjects.home")),
    "public-figure": _Facts(needs=("staff", "subjects.public")),
    "another-person": _Facts(),
    "second-device": _Facts(of_client=True),
    "hollow": _Facts(of_client=True, places={"visit": "coalesce(c.token, -2 - c.session)", "brief": "true"}),
    # without a token it may be a desk or a job, which do nothing else for months: a visit is short
    "nothing-else": _Facts(
        of_client=True, statement="hollow", places={"visit": VISIT, "brief": "sum(a.views) <= 10"}
    ),
    "guessed": _Facts(
        later=True,
        places={"place": "c.address", "known": "c.address IS NOT NULL", "people": "4", "alike": "true"},
        before=("guessed_missed", "guessed"),
    ),
    # an agent is shared by strangers whose dead links add up, so it takes one for each person; and strangers browse, so only
    # clients that did nothing but ask for people bear it
    "guessed-anywhere": _Facts(
        later=True,
        statement="guessed",
        places={
            "place": "0",
            "known": "c.agent IS NOT NULL",
            "people": "1",
            "alike": "coalesce(c.bare, false)",
        },
        before=("guessed_missed", "guessed"),
    ),
    # a few numbers through each of many addresses: how those are spread says who they are, not where they come from
    "guessed-by-many": _Facts(
        later=True,
        places={
            "little": "c.bare AND c.agent IS NOT NULL AND coalesce(c.views, 0) <= 10",
            "slot": "21600000000",
            "people": "16",
        },
        before=("guessed_by_many",),
    ),
    # many a visit begins at a page that asks for a login first, so it takes more failures than people
    "among-failures": _Facts(later=True, places={"failures": "p.people + 1"}, before=("among_failures",)),
    # one for each is no news by itself, but beside others of whom there is no doubt two of four that opened are theirs, too
    "among-as-many-failures": _Facts(
        later=True,
        statement="among-failures",
        places={"failures": "greatest(p.people, 2)"},
        before=("among_failures",),
    ),
}
SIGNS: Final = tuple(_FACTS)
KEPT: Final = (
    "detect_all", "detect_base", "detect_hourly", "detect_told", "detect_visits", "detect_clients_even", "detect_clients_odd",
)  # fmt: skip
_CLIENTS: Final = KEPT[-2:]  # the one is read while the other is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign, and by how much the clocks of two systems may differ (microseconds; 0 where it compares none)."""

    name: str
    clock_slack: int = 0

    @property
    def column(self) -> str:
        """Its column in `detect_all`, quoted."""
        return quote_name(f"{self.name} within {self.clock_slack}" if self.clocks else self.name)

    @property
    def time(self) -> str:
        """When it could be told that a view bears it: an SQL expression on `detect_all`, microseconds."""
        return f"greatest(time, coalesce({self._known_at}, time))" if self._later else "time"

    @property
    def _later(self) -> bool:
        return _FACTS[self.name].later

    @property
    def _known_at(self) -> str:
        return quote_name(f"{self.name} known at")

    def named(self, sql: str) -> str:
        """The views of `sql`, which added `sign` (and `known_at`), with these as columns of this sign."""
        if self._later:
            columns = f"sign AS {self.column}, known_at AS {self._known_at}"
            return f"SELECT * EXCLUDE (sign, known_at), {columns} FROM ({sql})"
        return f"SELECT * EXCLUDE (sign), sign AS {self.column} FROM ({sql})"

    def sql(self, answer: str) -> str:
        """Its statement on `input`; `answer` is the column of the explanation that it reads."""
        facts = _FACTS[self.name]
        name = (facts.statement or self.name).replace("-", "_")
        return statement(f"sign_{name}").format(answer=answer, table=self.table, **facts.places)

    @property
    def before(self) -> tuple[str, ...]:
        """What is run before its statement, one after the other."""
        facts = _FACTS[self.name]
        return tuple(statement(each).format(table=self.table, **facts.places) for each in facts.before)

    @property
    def table(self) -> str:
        """The relation that they leave."""
        return f"detect_{self.name.replace('-', '_')}"

    @property
    def needs(self) -> tuple[str, ...]:
        return _FACTS[self.name].needs

    @property
    def rule(self) -> str:
        """The rule of the explanation that it reads; empty when it reads none."""
        return _FACTS[self.name].rule

    @property
    def of_client(self) -> bool:
        """Whether it is told of a client as a whole: its statement reads clients, and all views of a client bear it or none."""
        return _FACTS[self.name].of_client

    @property
    def clocks(self) -> bool:
        """Whether it compares the clocks of two systems; those that read an explanation leave that to it."""
        return _FACTS[self.name].clocks


def make_views(
    session: Session,
    context: Context,
    explanations: Sequence[Explanation],
    signs: Sequence[Sign],
    *,
    manners: bool = False,
) -> None:
    """detect_all: every view that counts, with the answer of each explanation and each sign, looked up once for all
    detectors; detect_unnamed: as whom a client counts where the log does not name the people it saw; detect_clients: clients
    with what they did. With `manners`, clients and views carry a number of their manner."""
    of_clients = [sign for sign in signs if sign.of_client]
    _make_clients(session, of_clients, manners=manners)
    told = ["bare", *(["manner"] if manners else []), *(sign.column for sign in of_clients)]
    views = session.query("SELECT count(*) AS views FROM views")["views"][0].as_py()
    session.keep(
        "detect_base",
        statement("base").format(told="".join(f", c.{column}" for column in told)),
        rows=views,
    )
    session.keep("detect_hourly", statement("hourly"), rows=views)
    sql, values = answer_columns("SELECT * FROM detect_base", explanations)
    session.keep("detect_told", sql, values, rows=views)
    session.forget("detect_base")
    _make_all(session, context, explanations, [sign for sign in signs if not sign.of_client], rows=views)
    for used_up in ("detect_told", "detect_hourly"):
        session.forget(used_up)
    session.execute(statement("unnamed"))


def _make_all(
    session: Session,
    context: Context,
    explanations: Sequence[Explanation],
    signs: Sequence[Sign],
    *,
    rows: int,
) -> None:
    """detect_all from detect_told, which it takes the place of. What a sign has to put together first is made by itself: beside the
    others it would not fit into memory."""
    sql, values = "SELECT * FROM detect_told", list[object]()
    by_rule = {each.rule: quote_name(each.id) for each in reversed(explanations)}
    for sign in signs:
        if any(context.why_not(name) for name in sign.needs):
            sql = f"SELECT *, NULL::BOOLEAN AS {sign.column} FROM ({sql})"
            continue
        for each in sign.before:
            session.execute(each)
        sql = _borne(sign, sql, by_rule.get(sign.rule, "NULL"))
        values += [sign.clock_slack] if sign.clocks else []
    # with what views are put together by, so that nobody looks up the client of a view again: there are many of both
    session.keep(
        "detect_all",
        f'SELECT * EXCLUDE ("key", key_number, bare), key_number AS "key" FROM ({sql})',
        values,
        rows=rows,
    )
    for sign in signs:
        session.execute(f"DROP TABLE IF EXISTS {sign.table}")


def _make_clients(session: Session, signs: Sequence[Sign], *, manners: bool) -> None:
    """detect_clients, fact by fact: with all of them in one statement, what each remembers of every client would have to fit
    into memory at once."""
    rows = session.query("SELECT count(*) AS clients FROM clients")["clients"][0].as_py()
    session.execute(f"CREATE OR REPLACE TEMP VIEW detect_clients AS {statement('clients')}")
    steps = [statement("client_activity")]
    if manners:
        _keep_visits(session, clients=rows)
        session.execute(statement("manner_longer").format(visit=VISIT))
        session.execute(statement("manner_numbers"))
        steps.append(statement("client_manners").format(visit=VISIT))
    steps += [_borne(sign, "SELECT * FROM detect_clients", "NULL") for sign in signs]
    for at, sql in enumerate(steps):
        name = _CLIENTS[at % 2]
        session.keep(name, sql, rows=rows)
        session.execute(f"CREATE OR REPLACE TEMP VIEW detect_clients AS SELECT * FROM {name}")
    session.forget(_CLIENTS[len(steps) % 2])
    session.forget("detect_visits")


def _keep_visits(session: Session, *, clients: int) -> None:
    """detect_visits, portion by portion: all visits of a country at once take several times the memory of a machine."""
    views = session.query("SELECT count(*) AS views FROM views")["views"][0].as_py()
    portions = -(-views // VISITED) or 1
    parts = [
        statement("manner_visits").format(visit=VISIT, portions=portions, portion=at)
        for at in range(portions)
    ]
    if portions == 1:
        session.keep("detect_visits", parts[0], rows=clients)
        return
    schema = session.query(f"SELECT * FROM ({parts[0]}) LIMIT 0").schema
    session.keep_rows(
        "detect_visits", (batch for sql in parts for batch in session.batches(sql, _BATCH)), schema
    )


def _borne(sign: Sign, sql: str, answer: str) -> str:
    """The rows of `sql` with whether each bears the sign."""
    return sign.named(f"WITH input AS ({sql}) SELECT * FROM ({sign.sql(answer)})")
