"""The access record that Korean law asks for: who handled whose data, when, from where, and what was done.

Five fields, after the measures standard for personal data (PIPC notice, article 8): identifier of the one who had access,
date and time, where from, the data subject whose data were handled, and the task done. Records are kept at least one year,
two for 50,000 persons or more or for unique identifiers or sensitive data. Confidence: secondary, not read in the notice itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whosaw.core.delimited import delimited
from whosaw.core.instants import format_instant, from_micros
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_SPELLED

from .questions import Ledger

__all__ = ["FIELDS", "access_record", "as_csv"]

FIELDS = ("identifier", "time", "origin", "data_subject", "task")
_BATCH = 100_000


def access_record(ledger: Ledger) -> Iterator[dict[str, str]]:
    """One record per view and person, by time. `identifier` is who the request claimed to be, `origin` its address;
    `task` names the route and categories. What cannot be told is said in the field. Masked unless the ledger reveals."""
    session = ledger.reader.session
    last = (-(1 << 62), -1, -1, -2)
    while True:
        rows = session.query(
            "SELECT v.micros, v.content, v.line, coalesce(v.person, -1) AS person, v.client, v.route, v.unsure FROM views v "
            "WHERE NOT v.duplicate AND (v.micros, v.content, v.line, coalesce(v.person, -1)) > (?, ?, ?, ?) "
            f"ORDER BY 1, 2, 3, 4 LIMIT {_BATCH}",
            list(last),
        ).to_pylist()
        if not rows:
            return
        yield from _records(ledger, rows)
        end = rows[-1]
        last = (end["micros"], end["content"], end["line"], end["person"])


def _records(ledger: Ledger, rows: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    found = ledger.reader.clients(sorted({row["client"] for row in rows}))
    clients = {each.number: each for each in found}
    persons = sorted({row["person"] for row in rows if row["person"] >= 0})
    shown = ledger.show(persons, found)
    for row in rows:
        numbers, body = clients[row["client"]].numbers, ledger.reader.routes[row["route"]]
        person = shown.persons.get(row["person"], "***") if row["person"] >= 0 else "cannot tell"
        yield {
            "identifier": shown.by_kind["principal"].get(numbers["principal"], "***")
            if "principal" in numbers
            else "not in the log",
            "time": format_instant(from_micros(row["micros"])),
            "origin": shown.by_kind["address"].get(numbers["address"], "***")
            if "address" in numbers
            else "not in the log",
            "data_subject": person,
            "task": f"{body['id']}: {' '.join(body['categories'])}{_doubt(row['unsure'])}",
        }


def _doubt(unsure: int) -> str:
    """What is not sure of a view, for whoever reads the record."""
    if unsure & UNSURE_SPELLED:
        return " (cannot tell whether the server took the spelling of the request for this page)"
    if unsure & MAYBE_TWIN:
        return " (cannot tell whether a line of another log is of the same act)"
    return " (cannot tell whether the server read the id as this person's)" if unsure else ""


def as_csv(records: Iterator[dict[str, str]]) -> Iterator[str]:
    """The records as CSV text (RFC 4180), header first. What a spreadsheet may take for a formula is disarmed."""
    return delimited(FIELDS, records, "csv", line_end="\r\n")
