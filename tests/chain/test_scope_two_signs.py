"""A clerk who looks at people without a ticket, found by the tickets and by how many they are: the second sign takes nothing away."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from whosaw.app.asking.questions import open_ledger
from whosaw.app.cases.listing import show_persons
from whosaw.app.cases.making import make_version
from whosaw.app.report_page import context_tables_given
from whosaw.app.scan import scan
from whosaw.app.summary import summarise
from whosaw.core.document import object_of
from whosaw.core.finding import Finding

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEGIN = datetime(2025, 4, 1, tzinfo=UTC)
MAP = """
[[route]]
id = "crm"
match = { method = "GET", path = "/crm/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
CLERKS, CUSTOMERS, DAYS, LOOKED_AT, UNTICKETED = 30, 1_600, 10, 500, 12
Row = tuple[datetime, str]
Told = tuple[Finding, dict[str, Any], Path]


def _row(at: datetime, clerk: int, customer: int, session: str) -> Row:
    told = {"time": at.isoformat(), "remote_addr": f"192.0.2.{clerk + 1}", "method": "GET"}
    told |= {"path": f"/crm/{customer}", "agent": "browser", "sub": f"clerk-{clerk}", "sid": session}
    return at, json.dumps({**told, "status": 200})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The finding, its scope, and the workspace."""
    folder = tmp_path_factory.mktemp("two-signs")
    dice = random.Random(1)  # draws visitors, keeps no secret
    rows: list[Row] = []
    tickets = []
    for day in range(DAYS):
        for clerk in range(CLERKS):
            at = BEGIN + timedelta(days=day, hours=9, seconds=dice.randrange(6 * 3600))
            for _ in range(8):
                at += timedelta(seconds=dice.randint(60, 900))
                customer = dice.randrange(CUSTOMERS)
                rows.append(_row(at, clerk, customer, f"s-{day}-{clerk}"))
                until = at + timedelta(hours=1)
                tickets.append(
                    f"clerk-{clerk},{customer},{(at - timedelta(minutes=5)).isoformat()},{until.isoformat()}"
                )
    # of a few views of other clerks the ticket was never written
    others = [at for at, text in enumerate(tickets) if not text.startswith("clerk-7,")]
    gone = set(dice.sample(others, UNTICKETED))
    for turn in range(LOOKED_AT):
        at = BEGIN + timedelta(days=5, hours=10, seconds=12 * turn)
        rows.append(_row(at, 7, CUSTOMERS + turn, "s-5-7"))
    (folder / "access.log").write_text("".join(f"{text}\n" for _, text in sorted(rows)))
    (folder / "map.toml").write_text(MAP)
    context = folder / "context"
    context.mkdir()
    (context / "staff.csv").write_text(
        "staff id,role,joined,left\n"
        + "".join(f"clerk-{each},support,2020-01-01T00:00:00Z,\n" for each in range(CLERKS))
    )
    kept = [text for at, text in enumerate(tickets) if at not in gone]
    (context / "tickets.csv").write_text("agent,subject,opened,closed\n" + "\n".join(kept) + "\n")
    root = folder / "ledger"
    (finding,) = scan(
        [str(folder / "access.log")], root, now=NOW, map_path=folder / "map.toml", context=context
    ).findings
    return finding, object_of(make_version(root, "clerk", findings=[finding.id], now=NOW)), root


def test_several_detectors_are_behind_it(told: Told) -> None:
    finding, _, _ = told
    assert {each.detector for each in finding.crossings} >= {
        "staff-without-reason",
        "persons-per-client",
    }


def test_what_the_tickets_prove_is_the_lower_bound(told: Told) -> None:
    _, scope, _ = told
    for count in scope["counts"]:
        assert count["lower"] == LOOKED_AT
        assert count["upper"] >= LOOKED_AT
    assert scope["actor"]["clients"] == 1


def test_the_people_of_a_scope_are_listed_masked_and_looks_are_on_record(told: Told) -> None:
    _, scope, root = told
    shown = object_of(show_persons(root, "clerk", now=NOW))
    assert {name: value for name, value in shown.items() if name != "persons"} == scope
    persons = shown["persons"]
    assert sum(each["held"] for each in persons) == LOOKED_AT
    numbers = {str(CUSTOMERS + turn) for turn in range(LOOKED_AT)}
    assert numbers.isdisjoint(each["shown"] for each in persons)
    revealed = object_of(show_persons(root, "clerk", now=NOW, reveal=True, reason="a test"))["persons"]
    assert {each["shown"] for each in revealed if each["held"]} == numbers
    assert [each["number"] for each in revealed] == [each["number"] for each in persons]


def test_a_report_dates_and_counts_one_finding_in_one_way(told: Told) -> None:
    finding, _, root = told
    ledger = open_ledger(root, now=NOW)
    try:
        summary = summarise(ledger, title="a test", given=context_tables_given(ledger))
    finally:
        ledger.close()
    largest, picture = summary.largest, summary.timeline
    assert largest is not None
    assert picture is not None
    assert largest.id == finding.id
    assert picture.alert == largest.noticed
    assert picture.persons_then == largest.persons_then == finding.persons_before
    assert sum(each.persons for each in picture.bins) == finding.counts[1].lower
    assert sum(each.views for each in picture.bins) == finding.counts[0].lower
    rows = {each.name: each.rows for each in summary.context}
    assert (rows["staff"], rows["tickets"]) == (CLERKS, CLERKS * DAYS * 8 - UNTICKETED)
    assert rows["logins"] is None
