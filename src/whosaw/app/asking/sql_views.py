"""The views that `whosaw sql` asks: each with its columns, what they mean, and how it comes from the ledger. The page about them, the list
on the terminal and the views themselves are made from here, and from nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from whosaw.core import client
from whosaw.store.written_instants import EXPOSURES_APART, FIRST, LAST

__all__ = ["LEDGER_COLUMNS", "SQL_VIEWS", "SqlColumn", "SqlView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlColumn:
    """A column: its name and type, and what it holds. `number`: of which kind its ledger numbers are, where it holds such; `tells_of`: what of
    a log or a vault it shows ("mask" or "line"), so that it is left out of published tables."""

    name: str
    type: str
    about: str
    number: str | None = None
    tells_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlView:
    """A view: what one row of it is, its columns in order, and the statement behind it, on relations whose names begin with `_`. `of_lines`:
    it says nothing but which lines."""

    name: str
    about: str
    columns: tuple[SqlColumn, ...]
    sql: str
    of_lines: bool = False


# of each table of the ledger, the columns that views rest on: no digest is among them
LEDGER_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "views": ("person", "time", "segment", "line", "client", "route", "extra", "duplicate", "unsure"),
    "exposures": ("person", "client", "route", "first", "last", *EXPOSURES_APART, "views", "possible"),
    "answers": ("person", "client", "route", "explained", "unexplained", "cannot_tell"),
    "clients": ("client", *client.COLUMNS),
    "activity": ("client", "events", "views"),
    "members": ("finding", "client"),
    "counted": ("finding", "content", "line"),
}

_EXPOSURES: Final = (
    f"(SELECT person, client, route, {FIRST} AS first, {LAST} AS last, views, possible FROM _exposures)"
)


def _columns(*told: tuple[str, str, str]) -> tuple[SqlColumn, ...]:
    return tuple(
        SqlColumn(
            name=name,
            type=kind,
            about=about,
            number=name if name in ("person", "client") else None,
            tells_of={"locator": "line", "shown": "mask"}.get(name),
        )
        for name, kind, about in told
    )


def _client_columns() -> tuple[SqlColumn, ...]:
    found = [
        SqlColumn(name="client", type="INTEGER", about="Its number: 12 is c12 elsewhere.", number="client")
    ]
    for each in client.TRAITS:
        if not each.numbered:
            found.append(SqlColumn(name=each.name, type="VARCHAR", about=each.about))
            continue
        number = f"{each.about.removesuffix('.').removesuffix(', as a ledger number')}, as a ledger number."
        found.append(SqlColumn(name=each.name, type="INTEGER", about=number, number=each.name))
        if each.kept == "vault":
            shown = SqlColumn(
                name=f"{each.name}_shown", type="VARCHAR", about="The same, masked.", tells_of="mask"
            )
            found.append(shown)
    found += _columns(
        ("events", "BIGINT", "Lines of logs that it sent."),
        ("views", "BIGINT", "Views among them."),
    )
    return tuple(found)


def _client_sql() -> str:
    told = ["c.client"]
    for each in client.TRAITS:
        told.append(f"c.{each.name}")
        if each.kept == "vault":
            told.append(f"shown_{each.name}(c.{each.name}) AS {each.name}_shown")
    return (
        f"SELECT {', '.join(told)}, coalesce(a.events, 0) AS events, coalesce(a.views, 0) AS views FROM _clients c LEFT JOIN "
        "(SELECT client, sum(events)::BIGINT AS events, sum(views)::BIGINT AS views FROM _activity GROUP BY client) a USING (client)"
    )


_PERSON: Final = (
    "person",
    "INTEGER",
    "The person's number: 12 is p12 elsewhere. NULL where the log does not name them.",
)
_CLIENT: Final = ("client", "INTEGER", "Number of the client that asked.")
_ROUTE: Final = ("route", "VARCHAR", "Id of the route in the data map.")
_LOCATOR: Final = ("locator", "VARCHAR", "The line: `whosaw line LOCATOR` prints it.")
_SOURCE: Final = ("source", "VARCHAR", "The source that the line stands in.")

SQL_VIEWS: Final = (
    SqlView(
        name="views",
        about="One view: a successful response that carried a person's data. One that showed several people has a row for each. Repeated lines and witnesses of twin sources are left out.",
        columns=_columns(
            ("time", "TIMESTAMPTZ", "When."),
            _PERSON,
            _CLIENT,
            _ROUTE,
            _SOURCE,
            _LOCATOR,
            (
                "sure",
                "BOOLEAN",
                "Whether it is surely a view of this person. Others count in the upper bound alone.",
            ),
            (
                "further_persons_at_most",
                "INTEGER",
                "How many more people it may have shown who are not named. NULL: no bound is known.",
            ),
        ),
        sql="SELECT make_timestamptz(v.time) AS time, v.person, v.client, r.id AS route, s.source, s.digest || ':' || v.line AS locator, "
        "coalesce(v.unsure, 0) = 0 AS sure, v.extra AS further_persons_at_most "
        "FROM _views v JOIN _routes r USING (route) JOIN _segments s USING (segment) WHERE NOT v.duplicate",
    ),
    SqlView(
        name="persons",
        about="One person whose data were seen.",
        columns=_columns(
            ("person", "INTEGER", "The person's number: 12 is p12 elsewhere."),
            ("kind", "VARCHAR", "What the map says its ids are ids of, such as customer."),
            ("shown", "VARCHAR", "The id, masked."),
            ("first", "TIMESTAMPTZ", "First view."),
            ("last", "TIMESTAMPTZ", "Last view."),
            ("views", "BIGINT", "Number of views, possible ones among them."),
            ("possible_views", "BIGINT", "Views that are only possible."),
            ("clients", "BIGINT", "How many clients saw it."),
        ),
        sql="SELECT person, kind_of_person(person) AS kind, shown_person(person) AS shown, make_timestamptz(first) AS first, "
        "make_timestamptz(last) AS last, views, possible_views, clients FROM (SELECT person, min(first) AS first, max(last) AS last, "
        "sum(views)::BIGINT AS views, sum(coalesce(possible, 0))::BIGINT AS possible_views, count(DISTINCT client) AS clients "
        f"FROM {_EXPOSURES} GROUP BY person)",
    ),
    SqlView(
        name="clients",
        about="One client: what sent requests, as far as the log can tell.",
        columns=_client_columns(),
        sql=_client_sql(),
    ),
    SqlView(
        name="exposures",
        about="One client, person, route and category. A route of three categories has three rows, each with the same views.",
        columns=_columns(
            ("person", "INTEGER", "The person's number: 12 is p12 elsewhere."),
            _CLIENT,
            _ROUTE,
            ("category", "VARCHAR", "Category key."),
            ("first", "TIMESTAMPTZ", "First view."),
            ("last", "TIMESTAMPTZ", "Last view."),
            ("views", "BIGINT", "Number of views, possible ones among them."),
            ("possible_views", "BIGINT", "Views that are only possible."),
            ("explained", "BIGINT", "Views that a record explains."),
            ("unexplained", "BIGINT", "Views that no record explains."),
            ("cannot_tell", "BIGINT", "Views of which that cannot be told."),
        ),
        sql="SELECT e.person, e.client, r.id AS route, unnest(r.categories) AS category, make_timestamptz(e.first) AS first, "
        "make_timestamptz(e.last) AS last, e.views, e.possible_views, coalesce(a.explained, 0) AS explained, "
        "coalesce(a.unexplained, 0) AS unexplained, coalesce(a.cannot_tell, e.views) AS cannot_tell "
        "FROM (SELECT person, client, route, min(first) AS first, max(last) AS last, sum(views)::BIGINT AS views, "
        f"sum(coalesce(possible, 0))::BIGINT AS possible_views FROM {_EXPOSURES} GROUP BY person, client, route) e "
        "JOIN _routes r USING (route) LEFT JOIN _answers a USING (person, client, route)",
    ),
    SqlView(
        name="findings",
        about="One finding of the last scan. Its counts leave out explained views.",
        columns=_columns(
            ("finding", "VARCHAR", "Its id."),
            ("detector", "VARCHAR", "Id of the detector that was first."),
            ("technique", "VARCHAR", "MITRE ATT&CK technique."),
            ("title", "VARCHAR", "What was seen."),
            ("confidence", "VARCHAR", "low, medium or high."),
            ("first_view", "TIMESTAMPTZ", "First counted view."),
            ("last_view", "TIMESTAMPTZ", "Last counted view."),
            ("raised_at", "TIMESTAMPTZ", "When it could have been raised first."),
            ("persons_before", "BIGINT", "Persons seen until then."),
            *(
                (
                    f"{unit}_{bound}",
                    "BIGINT",
                    f"{'At least' if bound == 'at_least' else 'At most'} so many {unit}.{' NULL: no bound is known.' if bound == 'at_most' else ''}",
                )
                for unit in ("views", "accounts", "persons")
                for bound in ("at_least", "at_most")
            ),
        ),
        sql="SELECT * FROM _findings",
    ),
    SqlView(
        name="finding_clients",
        about="One client that made counted views of a finding.",
        columns=_columns(("finding", "VARCHAR", "Its id."), _CLIENT),
        sql="SELECT finding, client FROM _members",
    ),
    SqlView(
        name="finding_views",
        about="One line that a finding counts.",
        columns=_columns(("finding", "VARCHAR", "Its id."), _SOURCE, _LOCATOR),
        sql="SELECT c.finding, s.source, s.digest || ':' || c.line AS locator FROM _counted c JOIN _segments s ON s.segment = c.content",
        of_lines=True,
    ),
    SqlView(
        name="routes",
        about="One route that any data map gave until now.",
        columns=_columns(
            ("route", "VARCHAR", "Its id."),
            ("category", "VARCHAR", "Category key; a row for each."),
        ),
        sql="SELECT DISTINCT id AS route, unnest(categories) AS category FROM _routes",
    ),
    SqlView(
        name="sources",
        about="One source. Lines are events, rejects, and lines that are blank, comments or continued.",
        columns=_columns(
            ("source", "VARCHAR", "Its name."),
            ("lines", "BIGINT", "Lines that were read."),
            ("events", "BIGINT", "Lines that parsed."),
            ("rejects", "BIGINT", "Lines that did not."),
            ("duplicates", "BIGINT", "Events that were read before."),
            ("views", "BIGINT", "Views among the events."),
        ),
        sql="SELECT * FROM _sources",
    ),
    SqlView(
        name="coverage",
        about="One hour of a source. No row of a view says anything about hours that are missing here.",
        columns=_columns(
            ("source", "VARCHAR", "Its name."),
            ("hour", "TIMESTAMPTZ", "When the hour begins."),
            ("state", "VARCHAR", "whole, partial, missing or quiet."),
            ("rule", "VARCHAR", "The rule that decided."),
            ("events", "BIGINT", "Events in it."),
            ("rejects", "BIGINT", "Lines in it that did not parse."),
        ),
        sql="SELECT * FROM _coverage",
    ),
)
