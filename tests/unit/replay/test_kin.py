"""Whose pages customers open besides their own, in the traffic and on record."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from whosaw.replay.actors import Visitors
from whosaw.replay.context_tables import ContextTables
from whosaw.replay.items import load_shop
from whosaw.replay.kin import Kin
from whosaw.replay.people import People, make_people
from whosaw.replay.setting import Setting, make_setting
from whosaw.replay.traffic import NOBODY, Traffic

DAYS = 12


def world(scale: float = 0.2, **values: object) -> tuple[Setting, People]:
    setting = make_setting(
        load_shop({name.replace("__", "."): value for name, value in values.items()}), None, 1, scale
    )
    return setting, make_people(setting)


def profiles(setting: Setting, people: People, agents: str = "") -> Traffic:
    """What signed-in customers asked of pages that name a member."""
    visitors = Visitors(setting, people)
    shown = Traffic.joined([part for day in range(DAYS) for part in visitors.day(day).traffic])
    shown = shown.take((shown.page == setting.shop.page_at("member-profile")) & (shown.principal != NOBODY))
    mine = np.asarray([text.startswith(agents) for text in setting.agents.texts])
    return shown.take(mine[shown.agent])


def homes_of(people: People, numbers: np.ndarray) -> np.ndarray:
    position, exists = people.position_of(numbers)
    assert exists.all()
    return people.home[position]


def test_some_read_those_they_live_with_and_nobody_else() -> None:
    setting, people = world(leave__share=0.0, household__reads_share=0.5)
    seen = profiles(setting, people)
    assert (homes_of(people, seen.number) == homes_of(people, seen.principal)).all()
    sizes = dict(zip(*np.unique(people.home, return_counts=True), strict=True))
    alone = np.asarray([sizes[home] == 1 for home in homes_of(people, seen.principal).tolist()])
    others = seen.number != seen.principal
    assert not others[alone].any()
    # a draw that falls on a canary's household of two finds nobody to read, hence not quite half
    assert others[~alone].mean() == pytest.approx(0.5, abs=0.1)


def test_members_of_a_household_come_from_one_address_each_with_a_login_of_their_own() -> None:
    setting, people = world(
        sessions__count=100_000, leave__share=0.0, household__reads_share=0.5, device__app__home_share=1.0
    )
    seen = profiles(setting, people)
    at_home = seen.take(seen.address == homes_of(people, seen.principal))
    told = sorted(zip(at_home.address.tolist(), at_home.principal.tolist(), strict=True))
    shared = [
        home
        for home, group in itertools.groupby(told, key=lambda each: each[0])
        if len({who for _, who in group}) > 1
    ]
    assert len(shared) > 5
    crossed = at_home.take(np.isin(at_home.address, shared) & (at_home.number != at_home.principal))
    assert len(crossed) > 5
    issued_to = dict(zip(seen.token.tolist(), seen.principal.tolist(), strict=True))
    assert [issued_to[token] for token in crossed.token.tolist()] == crossed.principal.tolist()


def test_a_program_reads_its_owner_alone() -> None:
    setting, people = world(
        household__reads_share=1.0, leave__share=1.0, device__script__share=0.5, device__script__regulars=60
    )
    for programs in ("curl", "python-requests"):
        seen = profiles(setting, people, programs)
        assert len(seen) > 5
        assert (seen.number == seen.principal).all()


def test_whoever_reads_elsewhere_has_leave_on_record(tmp_path: Path) -> None:
    setting, people = world(leave__share=0.3, leave__reads_share=1.0, household__reads_share=0.0)
    seen = profiles(setting, people)
    others = seen.take(seen.number != seen.principal)
    assert len(others) > 20
    with ContextTables(setting, people, tmp_path / "context") as tables:
        tables.finish()
    with (tmp_path / "context" / "delegations.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == pytest.approx(0.3 * len(people), rel=0.1)
    leave = {(int(row["delegate"]), int(row["subject"])) for row in rows}
    assert set(zip(others.principal.tolist(), others.number.tolist(), strict=True)) <= leave
    given = [row["since"] for row in rows]
    assert "2023-03-01T00:00:00+09:00" < min(given) < max(given) < "2025-03-03T00:00:00+09:00"
    assert {row["until"] for row in rows} == {""}
    assert (homes_of(people, others.number) != homes_of(people, others.principal)).all()


def test_nobody_reads_others_where_the_item_says_so(tmp_path: Path) -> None:
    setting, people = world(leave__share=0.0, household__reads_share=0.0)
    seen = profiles(setting, people)
    assert (seen.number == seen.principal).all()
    with ContextTables(setting, people, tmp_path / "context") as tables:
        tables.finish()
    written = (tmp_path / "context" / "delegations.csv").read_text(encoding="ascii")
    assert written == "delegate,subject,since,until\n"


def test_canaries_are_in_nobodys_care() -> None:
    setting, people = world(0.02, leave__share=1.0, household__reads_share=1.0, customers__canaries=100)
    kin, everybody = Kin(setting, people), np.arange(len(people))
    ward, has_leave = kin.wards(everybody)
    assert not np.isin(everybody[has_leave], people.canaries).any()
    assert not np.isin(ward, people.canaries).any()
    visitors = np.sort(people.visitors.astype(np.int64))
    whose = kin.whose(visitors, setting.dice("a draw"))
    assert not np.isin(whose, people.canaries).any()


def test_customers_who_all_live_alone_read_themselves() -> None:
    setting, people = world(
        0.01, leave__share=0.0, household__reads_share=1.0, customers__household_shares=[1.0]
    )
    everybody = np.arange(len(people))
    assert Kin(setting, people).whose(everybody, setting.dice("a draw")).tolist() == everybody.tolist()
