"""Support: shifts, tickets that are open while they are read, and agents who look up neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from whosaw.replay.actors import Support
from whosaw.replay.items import load_breach, load_shop
from whosaw.replay.people import make_people
from whosaw.replay.setting import DAY_MS, HOUR_MS, Setting, make_setting
from whosaw.replay.shop_item import Shop
from whosaw.replay.traffic import HONEST, Issued, Tickets, Traffic, staff_index

SHOP = load_shop()


class Worked:
    """All days of a support team."""

    def __init__(self, shop: Shop = SHOP, scale: float = 1.0, breach: str = "") -> None:
        found = load_breach(shop, breach) if breach else None
        self.setting: Setting = make_setting(shop, found, 1, scale)
        self.people = make_people(self.setting)
        self.support = Support(self.setting, self.people)
        days = [self.support.day(day) for day in range(shop.span.days)]
        self.reads = Traffic.joined([part for day in days for part in day.traffic])
        self.issued: list[Issued] = [part for day in days for part in day.issued]
        self.tickets: list[Tickets] = [part for day in days for part in day.tickets]

    def reasons(self) -> set[tuple[int, int, int, int]]:
        return {
            row
            for each in self.tickets
            for row in zip(
                each.agent.tolist(),
                each.who.tolist(),
                each.opened.tolist(),
                each.closed.tolist(),
                strict=True,
            )
        }


@pytest.fixture(scope="module")
def worked() -> Worked:
    return Worked()


def has_ticket(worked: Worked, reads: Traffic) -> list[bool]:
    who, _ = worked.people.position_of(reads.number)
    by_pair: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for agent, subject, opened, closed in worked.reasons():
        by_pair.setdefault((agent, subject), []).append((opened, closed))
    return [
        any(opened <= time <= closed for opened, closed in by_pair.get((staff_index(code), subject), []))
        for code, subject, time in zip(
            reads.principal.tolist(), who.tolist(), reads.time.tolist(), strict=True
        )
    ]


def test_every_honest_read_has_a_ticket_open_and_no_nosy_one_has(worked: Worked) -> None:
    honest = worked.reads.take(worked.reads.part == HONEST)
    nosy = worked.reads.take(worked.reads.part != HONEST)
    assert len(honest) > 800
    assert all(has_ticket(worked, honest))
    assert len(nosy) > 0
    assert not any(has_ticket(worked, nosy))


def test_a_nosy_agent_looks_at_people_next_door(worked: Worked) -> None:
    (part,) = worked.setting.parts
    nosy = worked.reads.take(worked.reads.part == 0)
    assert part.kind == "nosy"
    assert {worked.setting.claimants.texts[staff_index(code)] for code in nosy.principal.tolist()} == {
        part.actor
    }
    who, exists = worked.people.position_of(nosy.number)
    assert exists.all()
    slot = np.empty(len(worked.people), dtype=np.int64)
    slot[worked.people.by_house] = np.arange(len(worked.people))
    slots = slot[who]
    assert slots.max() - slots.min() <= 2 * SHOP.support.nosy_reach


def test_nobody_is_nosy_where_the_item_says_so() -> None:
    quiet = Worked(load_shop({"support.nosy_share": 0}))
    assert quiet.setting.parts == []
    assert (quiet.reads.part == HONEST).all()


def test_the_agent_of_a_breach_is_not_nosy_beside() -> None:
    worked = Worked(load_shop({"support.nosy_share": 1.0}), breach="agent-without-ticket")
    claimed = {step.claim for step in worked.setting.breach.step} if worked.setting.breach else set()
    assert claimed
    assert len(worked.setting.parts) == 5
    assert not claimed & {part.actor for part in worked.setting.parts}


def test_agents_read_within_their_shifts_with_the_token_of_the_shift(worked: Worked) -> None:
    token_of: dict[int, tuple[int, int]] = {}
    for part in worked.issued:
        for token, subject, time in zip(
            part.token.tolist(), part.subject.tolist(), part.time.tolist(), strict=True
        ):
            assert token not in token_of
            token_of[token] = (subject, time)
    for token, code, time in zip(
        worked.reads.token.tolist(), worked.reads.principal.tolist(), worked.reads.time.tolist(), strict=True
    ):
        subject, since = token_of[token]
        assert subject == code
        assert 0 < time - since < 9 * HOUR_MS
    hour = (worked.reads.time - worked.setting.calendar.start) % DAY_MS // HOUR_MS
    assert hour.min() >= 8
    assert hour.max() <= 20


def test_everybody_has_two_days_off_and_somebody_is_always_there(worked: Worked) -> None:
    works = np.zeros((7, 6), dtype=bool)
    for day in range(7):
        agents, starts = worked.support.on_shift(day)
        works[day, agents] = True
        hours = (starts - worked.setting.calendar.day_start(day)) // HOUR_MS
        assert set(hours.tolist()) <= {8, 13}
    assert works.sum(axis=0).tolist() == [5] * 6
    assert works.any(axis=1).all()


def test_tickets_are_of_customers_and_close_after_they_open(worked: Worked) -> None:
    count = sum(len(each.who) for each in worked.tickets)
    assert count == 18 * 45
    assert all((each.closed > each.opened).all() for each in worked.tickets)
    assert not any(np.isin(each.who, worked.people.canaries).any() for each in worked.tickets)


def test_a_very_small_team_has_two_agents_and_a_ticket_a_day() -> None:
    small = Worked(scale=0.001)
    assert len(small.setting.support) == 2
    assert sum(len(each.who) for each in small.tickets) == 45
    assert small.support.before() is None


def test_whoever_is_alone_on_shift_leaves_a_ticket_of_their_own() -> None:
    small = Worked(load_shop({"support.tickets_per_day": 20_000}), scale=0.001)
    agents = {small.setting.claimants.code(each.id): at for at, each in enumerate(small.setting.support)}
    every = [
        row for each in small.tickets for row in zip(each.agent.tolist(), each.who.tolist(), strict=True)
    ]
    assert any(len(small.support.on_shift(day)[0]) == 1 for day in range(SHOP.span.days))
    assert set(small.support.own.tolist()) & {who for _, who in every}  # of which the other one takes care
    assert not any(small.support.own[agents[agent]] == who for agent, who in every)


def test_a_neighbour_whose_ticket_is_open_is_no_prey() -> None:
    values = {"support.nosy_share": 1, "support.nosy_day_share": 1, "support.tickets_per_day": 20_000}
    worked = Worked(load_shop({**values, "span.days": 30}), scale=0.001)
    nosy = worked.reads.take(worked.reads.part != HONEST)
    assert len(nosy) > 5
    assert not any(has_ticket(worked, nosy))
