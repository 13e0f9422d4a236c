"""The lines that a picture is of, set aside once, and counted by whatever the rows of a picture are.

A row of a picture is a set of keys of one column, such as quarters of an hour or clients: which, is said by a table of (key, row). The
same table counts the lines of every row and lists those of one, so what a number says and what it opens to cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from whosaw.app.asking.questions import Ledger
from whosaw.core.instants import from_micros
from whosaw.store.schemas import UNSURE_VIEW

__all__ = ["FIRST_LINES", "Counted", "LineBehind", "SeenLines", "row_table"]

FIRST_LINES: Final = 2  # of each row, how many lines are named
_BATCH: Final = 50_000  # lines that are held at once
_SURE: Final = f"bit_or(unsure) & {UNSURE_VIEW} = 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Lines of one row: sure views, possible ones, the first instant and the first locators."""

    row: str
    views: int
    possible: int
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBehind:
    """One line behind a number. `persons` are the ledger numbers of those whom it shows."""

    time: datetime
    sure: bool
    client: str
    persons: tuple[str, ...]
    locator: str


def row_table(keys: Sequence[int | None], rows: Sequence[str]) -> pa.Table:
    """Which row each key belongs to."""
    return pa.table({"key": pa.array(keys, pa.int64()), "row": pa.array(rows, pa.string())})


class SeenLines:
    """Counted lines of a finding, of clients or of a person. One at a time of a ledger: a second takes the place of the first."""

    def __init__(self, ledger: Ledger, chosen: str, values: Sequence[object]) -> None:
        """`chosen` is what follows FROM views: which of them are looked at."""
        self.ledger = ledger
        self._session = ledger.reader.session
        self._session.execute(
            "CREATE OR REPLACE TEMP TABLE pictured_rows AS "
            f"SELECT content, line, micros, client, person, unsure FROM views {chosen}",
            values,
        )
        self._session.execute(
            "CREATE OR REPLACE TEMP TABLE pictured_lines AS SELECT content, line, any_value(micros) AS micros, "
            f"min(client) AS client, {_SURE} AS sure FROM pictured_rows GROUP BY content, line"
        )

    @classmethod
    def of_finding(cls, ledger: Ledger, finding: str) -> SeenLines:
        """The lines that a finding counts."""
        return cls(
            ledger,
            "SEMI JOIN (SELECT content, line FROM counted WHERE finding = ?) AS c USING (content, line) WHERE NOT duplicate",
            [finding],
        )

    @classmethod
    def of_clients(cls, ledger: Ledger, clients: Sequence[int]) -> SeenLines:
        """The lines of views that these clients sent."""
        return cls(ledger, "WHERE client IN (SELECT unnest(?)) AND NOT duplicate", [list(clients)])

    @classmethod
    def of_person(cls, ledger: Ledger, person: int) -> SeenLines:
        """The lines of views of a person."""
        return cls(ledger, "WHERE person = ? AND NOT duplicate", [person])

    def span(self) -> tuple[int, int] | None:
        """First and last instant in microseconds; None where there is no line."""
        row = self._session.query(
            "SELECT min(micros) AS first, max(micros) AS last FROM pictured_lines"
        ).to_pylist()[0]
        return None if row["first"] is None else (row["first"], row["last"])

    def quarters(self, unit: int) -> list[int]:
        """Which stretches of `unit` microseconds since 1970 UTC have a line, in order."""
        found = self._session.query(
            f"SELECT DISTINCT micros // {int(unit)} AS key FROM pictured_lines ORDER BY key"
        )
        return list(found["key"].to_pylist())

    def by_time(self, rows: pa.Table, unit: int) -> list[Counted]:
        """Counted by stretches of `unit` microseconds."""
        return self._counted(rows, f"l.micros // {int(unit)}")

    def by_client(self, rows: pa.Table) -> list[Counted]:
        """Counted by client."""
        return self._counted(rows, "l.client")

    def _counted(self, rows: pa.Table, key: str) -> list[Counted]:
        found = self._session.query(
            "SELECT row, count(*) FILTER (sure) AS views, count(*) FILTER (NOT sure) AS possible, min(micros) AS first, "
            f"min({{'micros': micros, 'content': content, 'line': line}}, {FIRST_LINES}) AS lines "
            f"FROM pictured_lines AS l JOIN row_of AS r ON r.key = {key} GROUP BY row ORDER BY row",
            row_of=rows,
        ).to_pylist()
        locators = self.locators([(at["content"], at["line"]) for row in found for at in row["lines"]])
        places = iter(locators)
        return [
            Counted(
                row=row["row"],
                views=row["views"],
                possible=row["possible"],
                first=row["first"],
                lines=tuple(next(places) for _ in row["lines"]),
            )
            for row in found
        ]

    def new_persons(self, rows: pa.Table, unit: int) -> dict[str, int]:
        """By row, people whom a line that is surely of them shows for the first time in it."""
        found = self._session.query(
            "SELECT row, count(*) AS n FROM (SELECT min(micros) AS first FROM pictured_rows "
            "WHERE person IS NOT NULL AND unsure = 0 GROUP BY person) AS f "
            f"JOIN row_of AS r ON r.key = f.first // {int(unit)} GROUP BY row",
            row_of=rows,
        )
        return {row["row"]: row["n"] for row in found.to_pylist()}

    def query(self, sql: str, values: Sequence[object] = (), **given: pa.Table) -> list[dict[str, Any]]:
        """Rows of a question to `pictured_lines` (content, line, micros, client, sure) and `pictured_rows` (with person and unsure)."""
        return list(self._session.query(sql, list(values), **given).to_pylist())

    def locators(self, lines: Sequence[tuple[int, int]]) -> list[str]:
        """The names of lines."""
        return [str(each) for each in self.ledger.reader.locators(list(lines))]

    def opened(self, rows: pa.Table | None, row: str, *, unit: int | None) -> Iterator[LineBehind]:
        """All lines of one row, the earliest first; of every row where `rows` is None. `unit` None: the keys are clients."""
        key = "l.client" if unit is None else f"l.micros // {int(unit)}"
        chosen, given = "", {}
        if rows is not None:
            chosen = f"SEMI JOIN (SELECT key FROM row_of WHERE row = ?) AS k ON k.key = {key}"
            given = {"row_of": rows}
        batches = self._session.batches(
            "SELECT l.content, l.line, any_value(l.micros) AS micros, any_value(l.client) AS client, any_value(l.sure) AS sure, "
            "list(DISTINCT r.person ORDER BY r.person) FILTER (r.person IS NOT NULL) AS persons "
            f"FROM pictured_lines AS l JOIN pictured_rows AS r USING (content, line) {chosen} "
            "GROUP BY l.content, l.line ORDER BY micros, l.content, l.line",
            _BATCH,
            [row] if rows is not None else [],
            **given,
        )
        for batch in batches:
            told = batch.to_pylist()
            names = self.locators([(each["content"], each["line"]) for each in told])
            for each, name in zip(told, names, strict=True):
                yield LineBehind(
                    time=from_micros(each["micros"]),
                    sure=each["sure"],
                    client=f"c{each['client']}",
                    persons=tuple(f"p{person}" for person in each["persons"] or ()),
                    locator=name,
                )
