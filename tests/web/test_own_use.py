"""What stands out in how whosaw is used: told of exactly those who gave cause, by whom, with the purpose that they said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from tests.unit.cli.conftest import call
from tests.web.conftest import NOW, Browser

from whosaw.app.asking.looks import record_seen
from whosaw.app.asking.own_use import MANY, OFTEN, Notable, notable
from whosaw.app.asking.questions import open_ledger
from whosaw.app.gating.rights import Role
from whosaw.store.permits import under_permit
from whosaw.store.workspace import Workspace


def looked(
    root: Path, by: str, *looks: Iterable[int], at: datetime = NOW, purpose: str = "incident 12"
) -> None:
    with under_permit(root, by), closing(Workspace.open(root)) as workspace:
        for people in looks:
            record_seen(workspace, {"person": people}, what="who", purpose=purpose, now=at)


def told(found: Iterable[Notable]) -> list[tuple[str, str, str | None, int, int]]:
    return [(each.why, each.by, each.person, each.persons, each.days) for each in found]


def test_many_people_in_one_day_stand_out_and_one_less_does_not(root: Path) -> None:
    each_one = [[number] for number in range(1, MANY + 1)]
    looked(root, "console:kim", *each_one, [1])  # seen already
    for day in (0, 1):
        looked(root, "console:lee", *each_one[day::2], at=NOW - timedelta(days=day))
    assert not notable(root, now=NOW)
    looked(root, "api:kim", [MANY + 1], purpose="x")  # through another door it is the same person
    (found,) = notable(root, now=NOW)
    assert told([found]) == [("many-people", "kim", None, MANY + 1, 1)]
    assert found.purposes == ("incident 12", "x")


def test_one_person_again_and_again_stands_out(root: Path) -> None:
    for day in range(OFTEN - 1):
        looked(root, "console:kim", [3], [3], at=NOW - timedelta(days=day))
    assert not notable(root, now=NOW)
    looked(root, "console:lee", [3], at=NOW - timedelta(days=9))  # another one's day
    assert not notable(root, now=NOW)
    looked(root, "console:kim", [3], at=NOW - timedelta(days=29))
    assert told(notable(root, now=NOW)) == [("same-person", "kim", "p3", 1, OFTEN)]
    assert not notable(root, now=NOW + timedelta(days=2))  # the first look is longer ago than thirty days


def test_who_pages_through_a_case_looks_at_nobody_in_it(root: Path) -> None:
    for day in range(OFTEN):
        looked(root, "console:kim", range(1, MANY + 2), at=NOW - timedelta(days=day))
    assert {each.why for each in notable(root, now=NOW)} == {"many-people"}


def test_a_colleague_stands_out_by_the_list_of_staff(shop: Path, root: Path, tmp_path: Path) -> None:
    with closing(open_ledger(root, now=NOW)) as ledger:
        colleague = ledger.person_number("9")
        another = ledger.person_number("11")
    context = tmp_path / "context"
    context.mkdir()
    (context / "staff.csv").write_text("id,role\n9,agent\n")
    with closing(Workspace.open(root)) as workspace, workspace.journal.transaction() as connection:
        workspace.journal.set_setting(connection, "context", str(context))
    looked(root, "console:kim", [colleague, another], purpose="curious")
    (found,) = notable(root, now=NOW)
    assert told([found]) == [("colleague", "kim", f"p{colleague}", 1, 1)]
    assert found.purposes == ("curious",)


def test_the_auditor_reads_it_on_the_page_and_on_the_terminal(
    root: Path, browser: Callable[..., Browser]
) -> None:
    auditor = browser(Role.AUDITOR)
    assert "at one person again and again, or at a colleague" in auditor.get("/looks").text
    each_one = [[number] for number in range(MANY + 1)]
    for at in (
        NOW,
        datetime.now(NOW.tzinfo),
    ):  # the page asks the clock of the test, the terminal that of the machine
        looked(root, "console:<kim>", *each_one, at=at)
    page = auditor.get("/looks").text
    assert "many people in a day" in page
    assert "<kim>" not in page
    printed = call("custody", "use", "-w", str(root), "--json")
    assert printed.exit_code == 0, printed.stderr
    assert {each["why"] for each in json.loads(printed.stdout)["notable"]} == {"many-people"}
    assert "accuses nobody" in call("custody", "use", "-w", str(root)).stdout
