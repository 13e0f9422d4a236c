"""A real shop behind nginx, honest customers, and the breach with a retained key, told apart from what was logged."""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.command import whosaw, whosaw_json
from tests.e2e.servers import is_open
from tests.e2e.shop_api import NEW_KEY, OLD_KEY, Members, Shop, TokenService, serving
from tests.e2e.shop_door import door_of_shop
from tests.e2e.shop_visits import Seen, each, forge, visit
from tests.waiting import HANG

from whosaw.app.asking.questions import open_ledger

pytestmark = pytest.mark.slow

MEMBERS = Members(1_300)
CUSTOMERS = [str(number) for number in MEMBERS.numbers[::18]]
ATTACKERS = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]
MAP = """\
[[route]]
id = "my-info"
match = { method = "GET", path = "/my/info/edit" }
subject = { from = "principal" }
categories = ["identity.name", "contact.email"]

[[route]]
id = "my-addresses"
match = { method = "GET", path = "/my/addresses" }
subject = { from = "principal" }
categories = ["identity.name", "contact.address"]
secondary = { at_most = 3, categories = ["identity.name"] }

[[route]]
id = "my-orders"
match = { method = "GET", path = "/my/orders" }
subject = { from = "principal" }
categories = ["commerce.orders"]
"""

SHOWN = {
    "/my/info/edit": ("identity.name", "contact.email"),
    "/my/addresses": ("identity.name", "contact.address"),
    "/my/orders": ("commerce.orders",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened, by the books of those who did it, and what whosaw said of it."""

    log: Path
    workspace: Path
    scan: dict[str, Any]
    honest: Seen
    stolen: Seen


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("shop")
    context = folder / "context"
    context.mkdir()
    opened = datetime.now(UTC)
    honest, stolen = Seen(), Seen()
    service = TokenService(context / "logins.csv", MEMBERS)
    with (
        serving(service) as tokens,
        serving(Shop(service.public(), MEMBERS)) as shop,
        door_of_shop(folder, shop=shop, tokens=tokens) as door,
    ):
        half = len(CUSTOMERS) // 2
        _customers(door.port, CUSTOMERS[:half], honest)
        # The key is exchanged and the old one stays valid, as it did in the case.
        service.signs_with = NEW_KEY
        retained = service.private[OLD_KEY]
        forge(door.port, retained, OLD_KEY, numbers=range(1, 1_301), addresses=ATTACKERS, seen=stolen)
        _customers(door.port, CUSTOMERS[half:], honest)
        _noise(door.port)
    assert not is_open(door.port)
    _context(context, opened)
    (folder / "map.toml").write_text(MAP)
    scan = whosaw_json(
        "scan", door.access_log, "-m", folder / "map.toml", "-c", context, "-w", folder / "ledger"
    )
    return Story(log=door.access_log, workspace=folder / "ledger", scan=scan, honest=honest, stolen=stolen)


def _customers(port: int, members: list[str], seen: Seen) -> None:
    """Each at home, but every fifth behind an address that the attacker uses too, as a carrier's may be."""
    homes = [
        (member, ATTACKERS[1] if at % 5 == 0 else f"127.0.1.{at + 1}") for at, member in enumerate(members)
    ]
    each(lambda home: visit(port, home[0], home[1], seen), homes)


def _noise(port: int) -> None:
    """What any public server gets: TLS on the wrong port, and bytes that are no request."""
    for sent in (
        b"\x16\x03\x01\x00\xee\x01\x00\x00\xea\x03\x03",
        b'GET /"%00\\ nothing\r\n\r\n',
        b"\r\n\r\n",
    ):
        with socket.create_connection(
            ("127.0.0.1", port), timeout=HANG, source_address=("127.0.9.9", 0)
        ) as raw:
            raw.sendall(sent)
            raw.shutdown(socket.SHUT_WR)
            raw.recv(4_096)


def _context(folder: Path, opened: datetime) -> None:
    first, last = opened - timedelta(days=2), datetime.now(UTC) + timedelta(seconds=2)
    (folder / "context.toml").write_text(
        # the service is new: no session is older than it
        f'sessions_last = "15m"\n[logins]\nfrom = {first.isoformat()}\nuntil = {last.isoformat()}\n'
    )
    (folder / "keys.csv").write_text(
        f"kid,created,retired,holders\n{OLD_KEY},2024-01-01,2024-12-31,gone-1 svc-token\n{NEW_KEY},2025-01-01,,svc-token\n"
    )
    (folder / "staff.csv").write_text("staff_id,role,joined,left\ngone-1,developer,2020-01-01,2024-11-30\n")


def count(told: dict[str, Any], unit: str) -> dict[str, Any]:
    (found,) = [each for each in told["counts"] if each["unit"] == unit]
    return dict(found)


def the_finding(story: Story) -> dict[str, Any]:
    (found,) = story.scan["findings"]
    return dict(found)


def test_every_line_of_nginx_is_accounted_for(story: Story) -> None:
    lines = story.log.read_bytes().count(b"\n")
    (content,) = story.scan["contents"]
    assert content["format"] == "combined-kv"
    assert content["lines"] == lines
    assert content["events"] + content["rejects"] + content["comments"] == lines
    (source,) = story.scan["coverage"]
    # a refreshed page is a second request with an id of its own, and so a second view
    assert source["duplicates"] == 0
    assert source["views"] == story.honest.pages.total() + story.stolen.pages.total()


def test_breach_is_one_finding_about_exactly_who_was_read(story: Story) -> None:
    finding = the_finding(story)
    assert finding["confidence"]["level"] == "high"
    told = whosaw_json(
        "what", finding["id"], "-w", story.workspace, "--persons", 2_000, "--reveal", "--reason", "test"
    )
    truth = story.stolen.members()
    assert story.stolen.refused == 185  # each seventh number up to 1,300 is a hole
    assert {person["shown"] for person in told["persons"]} == truth
    assert len(told["persons"]) == len(truth) == 1_115
    for answer in (finding, told):
        assert (count(answer, "accounts")["lower"], count(answer, "accounts")["exact"]) == (1_115, True)
        views = count(answer, "views")
        assert (views["lower"], views["upper"]) == (story.stolen.pages.total(),) * 2
    persons = {row["name"]: row["persons"] for row in told["routes"]}
    assert persons == {
        "my-info": len(story.stolen.members("/my/info/edit")),
        "my-addresses": len(story.stolen.members("/my/addresses")),
    }
    clients = {client["address"] for client in told["actor"]["shown"]}
    assert clients == set(ATTACKERS)


def test_persons_in_address_books_are_bounded(story: Story) -> None:
    persons = count(the_finding(story), "persons")
    read = story.stolen.members("/my/addresses")
    others = sum(Members.others(member) for member in read)
    assert persons["lower"] == 1_115
    assert persons["lower"] + others <= persons["upper"] == 1_115 + 3 * len(read)
    assert [reason["code"] for reason in persons["reasons"]] == ["secondary-subjects-not-named"]


def test_customers_are_explained_and_the_breach_is_not(story: Story) -> None:
    ledger = open_ledger(story.workspace, now=datetime.now(UTC), reveal=True, reason="test")
    try:
        for customer in CUSTOMERS:
            told = ledger.who(customer)
            assert told.views_of_unknown_persons == 0
            by_answer: Counter[tuple[str, str]] = Counter()
            for each_one in told.exposures:
                by_answer[each_one.category, each_one.explanation] += each_one.views
                if each_one.explanation == "unexplained":
                    assert each_one.actor.traits["key"] == OLD_KEY
                    assert each_one.actor.traits["address"] in ATTACKERS
            expected: Counter[tuple[str, str]] = Counter()
            for seen, answer in ((story.honest, "explained"), (story.stolen, "unexplained")):
                for page, categories in SHOWN.items():
                    for category in categories:
                        expected[category, answer] += seen.pages[customer, page]
            assert by_answer == +expected
    finally:
        ledger.close()


def test_count_opens_to_the_line_that_nginx_wrote(story: Story) -> None:
    told = whosaw_json("what", the_finding(story)["id"], "-w", story.workspace)
    written = story.log.read_text().splitlines()
    for locator in told["locators"][:3]:
        line = whosaw("line", locator, "-w", story.workspace).rstrip("\n")
        assert line == written[int(locator.rpartition(":")[2]) - 1]
        assert f" kid={OLD_KEY} " in line
        assert line.split(" sub=")[1].split(" ")[0] in story.stolen.members()
        assert line.split(" ")[0] in ATTACKERS


def _read_when(story: Story, *, persons: int) -> int:
    """How many people had been read when the second was over in which so many had. nginx writes whole seconds, and an
    attacker on the same machine reads hundreds in one, so no finding can be told to have come earlier within it."""
    read: dict[str, set[str]] = {}
    for line in story.log.read_text(errors="replace").splitlines():
        if f" kid={OLD_KEY} " in line and '" 200 ' in line and line.split(" ")[0] in ATTACKERS:
            read.setdefault(line.split("[")[1].split("]")[0], set()).add(line.split(" sub=")[1].split(" ")[0])
    so_far: set[str] = set()
    for people in read.values():
        so_far |= people
        if len(so_far) >= persons:
            return len(so_far)
    raise AssertionError(f"the attacker read {len(so_far)} people in all")


def test_without_the_record_of_issued_tokens_the_walk_is_seen_and_no_view_can_be_told(
    story: Story, tmp_path: Path
) -> None:
    """Each forged token names the person it reads, so in the log alone each view is a customer's on his own page. That they
    come in the order of their numbers is what gives them away."""
    scan = whosaw_json("scan", story.log, "-m", story.log.parent / "map.toml", "-w", tmp_path / "ledger")
    (finding,) = scan["findings"]
    assert finding["detector"] in ("number-walk", "numbers-nobody-has", "hollow-session", "one-manner")
    # a way of reading takes 20 people, who do not count where they read themselves beside it: not all of the first few dozen do
    assert finding["persons_before"] <= _read_when(story, persons=60)
    assert count(finding, "accounts")["lower"] >= len(story.stolen.members()) * 0.99
    assert all(
        tried["explained"] == tried["unexplained"] == 0 for tried in finding["tried"] if tried["cannot_tell"]
    )
    told = whosaw_json("who", "3", "-w", tmp_path / "ledger")
    assert {exposure["explanation"] for exposure in told["exposures"]} == {"cannot tell"}
