"""One of four clerks in one office looks at a few people again and again without a ticket: the office is not held against its own."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whosaw.app.scan import scan
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
CLERKS, DAYS, OF_A_DAY = 4, 40, 3
NEIGHBOURS = range(5_000, 5_007)  # whom nobody has a ticket for


def found(folder: Path, *, sessions: bool, curious: range) -> tuple[Finding, ...]:
    """What is found where each of these clerks looks at a neighbour on every other day."""
    dice = random.Random(7)  # draws customers, keeps no secret
    rows, tickets = [], ["agent,subject,opened,closed"]
    for day in range(DAYS):
        for clerk in range(CLERKS):
            at = BEGIN + timedelta(days=day, hours=9, minutes=clerk)
            seen = [dice.randrange(2_000) for _ in range(OF_A_DAY)]
            for each in seen:
                opened = (at - timedelta(hours=1)).isoformat()
                tickets.append(f"clerk-{clerk},{each},{opened},{(at + timedelta(hours=9)).isoformat()}")
            if clerk in curious and day % 2:
                # those of one clerk are nobody else's
                seen.append(NEIGHBOURS[day // 2 % len(NEIGHBOURS)] + 100 * clerk)
            for each in seen:
                at += timedelta(minutes=20)
                told = {
                    "time": at.isoformat(),
                    "remote_addr": "192.0.2.1",
                    "method": "GET",
                    "path": f"/crm/{each}",
                }
                told |= {"agent": "browser", "sub": f"clerk-{clerk}", "status": 200}
                rows.append(json.dumps(told | ({"sid": f"s-{day}-{clerk}"} if sessions else {})))
    (folder / "access.log").write_text("".join(f"{each}\n" for each in sorted(rows)))
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "tickets.csv").write_text("\n".join(tickets) + "\n")
    (folder / "context" / "staff.csv").write_text(
        "staff id\n" + "".join(f"clerk-{each}\n" for each in range(CLERKS))
    )
    logs = [str(folder / "access.log")]
    return tuple(
        scan(logs, folder / "ws", now=NOW, map_path=folder / "map.toml", context=folder / "context").findings
    )


@pytest.mark.parametrize("sessions", [False, True])
def test_one_of_four_who_looks_at_seven_neighbours_is_told(tmp_path: Path, sessions: bool) -> None:
    (finding,) = found(tmp_path, sessions=sessions, curious=range(2, 3))
    (crossing,) = finding.crossings
    assert (crossing.detector, crossing.clause) == ("staff-without-reason", "agent")
    assert finding.persons_before == 5
    assert (finding.persons.lower, finding.persons.upper) == (7, 7)


def test_where_all_four_do_so_that_is_what_is_usual_there(tmp_path: Path) -> None:
    assert found(tmp_path, sessions=False, curious=range(CLERKS)) == ()
