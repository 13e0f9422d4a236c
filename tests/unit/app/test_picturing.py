"""Pictures of what no small log has: hundreds of thousands of lines, thousands of networks, more than a year."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from whosaw.app.picturing import order
from whosaw.app.picturing.of_actor import Asked, networks, over_time, week_hours
from whosaw.app.picturing.order import number_order
from whosaw.app.picturing.seen_lines import SeenLines
from whosaw.report.pictures.drawing import picture_svg
from whosaw.store.sql import Session

LINES, PEOPLE, NETWORKS, DAYS = 120_000, 80, 10_000, 400
ASKED = Asked(
    of="f-1",
    zone=ZoneInfo("Asia/Seoul"),
    zone_name="Asia/Seoul",
    command="whosaw picture f-1 --of KIND --open ROW",
)
BEGIN = 1_740_000_000_000_000  # 19 February 2025, 21:20 UTC


class Reader:
    """A ledger's reader over tables that are made up here."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def locators(self, rows: list[tuple[int, int]]) -> list[str]:
        return [f"{content:016x}:{line}" for content, line in rows]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Line i is of person i modulo 80, from client i modulo 30,000, which is in network i modulo 10,000; every tenth is only possible."""
    opened = Session(spill=tmp_path_factory.mktemp("spill"))
    apart = DAYS * 86_400_000_000 // LINES
    opened.execute(
        f"CREATE TABLE views AS SELECT {BEGIN} + i * {apart} AS micros, 0::INTEGER AS content, i AS line, (i % 30000)::INTEGER AS client, "
        f"(i % {PEOPLE})::INTEGER AS person, CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END::TINYINT AS unsure, false AS duplicate FROM range({LINES}) t(i)"
    )
    opened.execute(
        f"CREATE TABLE clients AS SELECT i::INTEGER AS client, (i % {NETWORKS})::INTEGER AS network, i::INTEGER AS address FROM range(30000) t(i)"
    )
    opened.execute("CREATE TABLE counted AS SELECT 'f-1' AS finding, content, line FROM views")
    yield opened
    opened.close()


@pytest.fixture
def seen(session: Session, monkeypatch: pytest.MonkeyPatch) -> SeenLines:
    """Person p has the number 7 p + 1, so that it lies at place p; person 3 has none, and 4 is of another kind."""
    numbers = "SELECT i::INTEGER AS person, CASE WHEN i = 4 THEN 'staff #' ELSE 'customer #' END AS kind, 7 * i + 1 AS value FROM range(80) t(i) WHERE i <> 3"
    known = SimpleNamespace(numbers=session.query(numbers))
    monkeypatch.setattr(order, "known_facts", lambda people: known)
    monkeypatch.setattr(order, "OfIndex", lambda reader: None)
    ledger: Any = SimpleNamespace(reader=Reader(session))
    return SeenLines.of_finding(ledger, "f-1")


def test_400_days_are_weeks_and_nothing_is_lost(seen: SeenLines) -> None:
    made = over_time(seen, ASKED)
    assert made.step == "week"
    assert len(made.bins) in (58, 59)
    assert sum(each.views for each in made.bins) == LINES * 9 // 10
    assert sum(each.possible for each in made.bins) == LINES // 10
    # every tenth person is seen in possible views alone, for 10 divides 80
    assert sum(each.persons for each in made.bins) == PEOPLE * 9 // 10
    assert all(each.start.weekday() == 0 and each.start.hour == 0 for each in made.bins)
    assert len(picture_svg(made)) < 30_000


def test_ten_thousand_networks_are_twelve_and_the_rest(seen: SeenLines) -> None:
    made = networks(seen, ASKED)
    assert [each.name for each in made.networks[12:]] == ["rest"]
    assert made.networks[12].networks == NETWORKS - 12
    assert sum(each.views for each in made.networks) == LINES * 9 // 10
    assert sum(each.addresses for each in made.networks) == 30_000
    assert made.title == "10,000 networks behind 108,000 views"
    assert len(picture_svg(made)) < 10_000


def test_all_hours_of_the_week(seen: SeenLines) -> None:
    made = week_hours(seen, ASKED)
    assert len(made.hours) == 168
    assert sum(each.views for each in made.hours) == LINES * 9 // 10
    assert len(picture_svg(made)) < 45_000


def test_places_are_fortieths_of_the_numbers_of_one_kind(seen: SeenLines) -> None:
    """78 customers: of the kind that most have, without 3 and 4. Place p of 78 lies in part 40 p // 78."""
    made = number_order(seen, ASKED)
    assert len(made.slots) <= 64
    people = [each for each in range(PEOPLE) if each not in (3, 4)]
    wanted = [0] * 40
    for place, _ in enumerate(people):
        wanted[place * 40 // 78] += LINES // PEOPLE
    assert [sum(each.parts[part] for each in made.slots) for part in range(40)] == wanted
    assert made.without == 2 * LINES // PEOPLE
    assert "3,000 views of people whose ids hold no such number are left out." in made.notes
