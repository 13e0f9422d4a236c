"""Parties and what they come to, told from marks of days, are those of the oracle of the same flags."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.oracle.cases import case_log
from tests.oracle.clusters import clusters, things_of
from tests.oracle.detect import Oracle
from tests.oracle.rows import DAY, HOUR, Log, day_of, duration, log_of
from tests.oracle.tell import homes_of, people, people_before
from tests.oracle.test_items import DETECTORS, EXPLANATIONS, views_of
from tests.oracle.things import Thing
from tests.oracle.worlds import MINUTE, START, worlds
from tests.unit.actors.telling.crutch import Beside, by_number

from whosaw.actors import Clause, Detector, load_detectors, load_explanations
from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.marking.flagged import Flagged
from whosaw.actors.marking.holding import Asked, Hand
from whosaw.actors.signs import SIGNS
from whosaw.actors.sliding import Peak
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Told
from whosaw.actors.surprise import Bar
from whosaw.core import client
from whosaw.core.finding import Actor
from whosaw.store.kinds import kind

ITEMS: Mapping[str, Detector] = load_detectors(load_explanations())
FEW = 300  # views
PLAN = Plan.of(ITEMS.values(), Told(explanations=EXPLAINED_BY, signs=SIGNS))


@dataclass(frozen=True)
class Laid:
    """An oracle's log, answers, signs and flags, laid out as runs. Numbers stand in the order of digests."""

    oracle: Oracle
    things: Sequence[Thing]

    def numbers(self, kind_of: str) -> Mapping[Any, int]:
        log = self.oracle.log
        found: set[Any] = {getattr(each, kind_of, None) for each in log.clients}
        if kind_of == "person":
            found = {*log.persons, *(row["person"] for row in log.context.rows("canaries"))}
        elif kind_of == "route":
            found = {each.route for each in log.views}
        elif kind_of == "way":
            found = {self.oracle.visits.of(each).way for each in log.views}
        elif kind_of == "principal":
            found |= {row["staff"] for row in log.context.rows("staff")}
        known = sorted(found - {None}, key=lambda text: (log.digest(kind_of, text), text))
        return {text: at for at, text in enumerate(known)}

    @cached_property
    def client_numbers(self) -> Mapping[Any, int]:
        clients = sorted(
            {each.client for each in self.oracle.log.views},
            key=lambda each: (self.oracle.log.client_digest(each), each.sent),
        )
        return {sent: at for at, sent in enumerate(dict.fromkeys(each.sent for each in clients))}

    def days(self) -> dict[int, Hand]:
        log = self.oracle.log
        names = {name: self.numbers(name) for name in (*client.NAMES, "person", "route", "way")}
        signs = {
            (thing.detector["clause"][at].get(word), thing.detector.get("clock_slack", "0s"))
            for thing in self.things
            for at in range(len(thing.detector["clause"]))
            for word in ("sign", "belongs")
        }
        told = {name: self.oracle.told(name, duration(slack)) for name, slack in signs if name}
        rows: dict[int, list[dict[str, Any]]] = {}
        for at, view in enumerate(log.views):
            person = names["person"].get(view.person)
            row = {
                "day": day_of(view.time), "time": view.time, "content": 0, "line": at, "person": person,
                "client": self.client_numbers[view.client.sent], "route": names["route"].get(view.route),
                "extra": view.extra, "unsure": 0, "way": names["way"].get(self.oracle.visits.of(view).way),
                **{name: names[name].get(getattr(view.client, name)) for name in client.NAMES},
                "answers": sum(
                    self.oracle.explain.answer(name, view) << 3 * bit for bit, name in enumerate(EXPLAINED_BY)
                ),
                "signs": sum(
                    {True: 1, False: 0, None: 2}[told[name][at].bears] << 2 * bit
                    for bit, name in enumerate(SIGNS) if name in told
                ),
            }  # fmt: skip
            rows.setdefault(row["day"], []).append(row)
        return {day: _hand(of_day) for day, of_day in rows.items()}

    def flags(self) -> tuple[Flagged, ...]:
        return tuple(self._flag(at, each) for at, each in enumerate(self.things))

    def _flag(self, at: int, thing: Thing) -> Flagged:
        flag, detector = thing.flag, ITEMS[thing.flag.detector]
        clause: Clause = next(each for each in detector.clauses if each.id == flag.clause)
        traits = [
            self.numbers("way" if name == "manner" else name)[text]
            for name, text in zip(clause.group_by, flag.entity, strict=True)
        ]
        homes = homes_of(self.oracle, thing.detector, flag)
        return Flagged(
            key=at.to_bytes(16, "big"), detector=detector, clause=clause,
            entity=traits[0] if len(traits) == 1 else traits[0] << 32 | traits[1],
            actor=Actor(by=clause.group_by, values=tuple(traits), digest=f"{at:032}"),
            peaks=(Peak(most=0, most_at=flag.raised, reached_at=flag.raised),) * len(clause.windows),
            clients=None if flag.clients is None else np.array(
                sorted(self.client_numbers[each] for each in flag.clients), np.int64
            ),
            bar=None if flag.bar is None else Bar(
                usual=flag.bar.usual, nats=flag.bar.nats, least_share=clause.least_share, least_times=clause.least_times,
            ),
            homes=np.array(sorted(self.numbers("address")[each] for each in homes), np.int64),
            page=None if flag.page is None else self.numbers("route")[flag.page],
        )  # fmt: skip

    def beside(self) -> Beside:
        context, person, principal = (
            self.oracle.log.context,
            self.numbers("person"),
            self.numbers("principal"),
        )
        planted = sorted({person[row["person"]] for row in context.rows("canaries")})
        staff = sorted({principal[row["staff"]] for row in context.rows("staff")})
        return Beside(
            days=self.days(), flags=self.flags(), digests=by_number, pages={},
            asked=Asked(
                plan=PLAN, detectors=ITEMS, planted=np.array(planted, np.int64), staff=np.array(staff, np.int64)
            ),
        )  # fmt: skip


def _hand(rows: Sequence[dict[str, Any]]) -> Hand:
    rows = sorted(rows, key=lambda row: (row["person"] is None, row["person"] or 0, row["time"], row["line"]))
    schema = kind("views").in_hand.append(pa.field("way", pa.int32()))
    told = [{**row, "position": at, "rules": 0} for at, row in enumerate(rows)]
    return Hand(
        views=pa.Table.from_pylist(told, schema),
        answers=pa.Table.from_pylist(told, kind("answers").in_hand),
        late=kind("late").in_hand.empty_table(),
    )


def check(oracle: Oracle, detectors: Collection[str]) -> int:
    """Hold both against one another; returns how many flags there were."""
    things = things_of(oracle, [DETECTORS[each] for each in detectors])
    if not things:
        return 0
    laid = Laid(oracle, things).beside()
    kept = laid.kept()
    found = laid.found(kept, dict.fromkeys(EXPLAINED_BY, ""))
    place = {thing.turn: at for at, thing in enumerate(things)}
    expected = clusters(oracle, things)
    assert sorted(list(each.flags) for each in found) == sorted(
        [place[thing.turn] for thing in of] for of in expected
    )
    by_flags = {each.flags: each.finding for each in found}
    for of in expected:
        finding = by_flags[tuple(place[thing.turn] for thing in of)]
        views = frozenset[int]().union(*(thing.views for thing in of))
        assert finding.accounts.lower == len(people(oracle, views))
        assert finding.persons_before == len(
            people_before(oracle, views, min(thing.flag.raised for thing in of))
        )
        assert finding.views.upper == len(views)
    return len(things)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_of_random_worlds(data: st.DataObject) -> None:
    check(Oracle(data.draw(worlds()).log(), EXPLANATIONS), list(DETECTORS))


def test_of_cases_by_all_detectors_at_once() -> None:
    asked = [
        case
        for item in DETECTORS.values()
        for case in item["case"]
        if case["expect"] == "finding" and views_of(case) <= FEW
    ]
    many = [check(Oracle(case_log(case), EXPLANATIONS), list(DETECTORS)) for case in asked]
    assert max(many) > 1


def desk(*snoops: str, foreign: bool = False) -> Log:
    """An office in which each of six answers forty tickets, and the snoops look at twenty more people each, or do so from elsewhere."""
    views: list[dict[str, Any]] = []
    tables: dict[str, list[dict[str, Any]]] = {
        "staff": [], "tickets": [], "logins": [], "services": [{"principal": "billing"}],
        "canaries": [{"person": "trap"}],
    }  # fmt: skip
    names = [*snoops, *(f"colleague{each}" for each in range(4))]
    for at, name in enumerate(names):
        place = {
            "address": "office0",
            "network": "office",
            "agent": "browser",
            "principal": name,
            "token": f"at-{name}",
        }
        tables["staff"].append({"staff": name})
        tables["logins"] += [
            {"time": START + day * DAY, "subject": name, "token": f"at-{name}"} for day in (-1, 3)
        ]
        for nth in range(40):
            person, time = f"7{at}{nth}", START + nth * MINUTE
            tables["tickets"].append(
                {"agent": name, "subject": person, "opened": time - HOUR, "closed": time + HOUR}
            )
            views.append({"time": time, "person": person, "route": "r", **place})
        if name in snoops:
            elsewhere = {**place, "address": "far", "network": "far"} if foreign else place
            views += [
                {
                    "time": START + DAY + at * HOUR + nth * MINUTE,
                    "person": f"1{at}{nth}",
                    "route": "r",
                    **elsewhere,
                }
                for nth in range(20)
            ]
    if not foreign:
        views.append({**views[0], "person": "trap", "time": START + 2 * DAY})
    return log_of(views, tables=tables)


@pytest.mark.parametrize(("foreign", "expected"), [(False, [["anna"], ["bert"]]), (True, [["anna", "bert"]])])
def test_two_who_snoop_at_one_desk_are_two_and_elsewhere_together_they_are_one(
    foreign: bool, expected: list[list[str]]
) -> None:
    oracle = Oracle(desk("anna", "bert", foreign=foreign), EXPLANATIONS)
    things = things_of(oracle, [DETECTORS[each] for each in DETECTORS])
    who = [
        sorted({str(oracle.log.views[at].client.principal) for thing in of for at in thing.views})
        for of in clusters(oracle, things)
    ]
    assert sorted(who) == expected
    assert check(oracle, list(DETECTORS)) > 2


def pool(elsewhere: int) -> Log:
    """Tokens that nobody was issued, signed with one key: thirty through each of two addresses, and others through one of their own each;
    beside four hundred people at home with tokens on record."""

    def seen(name: str, many: int, each: int, **more: str) -> list[dict[str, Any]]:
        return [
            {"time": START + nth * MINUTE, "person": f"{name}{nth}", "token": f"{name}{nth}", "address": f"{name} {nth // each}", **more}
            for nth in range(many)
        ]  # fmt: skip

    home = seen("home", 400, 4, key="old")
    logins = [{"time": row["time"] - MINUTE, "subject": row["person"], "token": row["token"]} for row in home]
    logins += [{"time": START + at * DAY, "subject": "home0", "token": f"{at}"} for at in (-1, 2)]
    return log_of(
        [*home, *seen("pool", 60, 30, key="k"), *seen("else", elsewhere, 1, key="k")],
        tables={"logins": logins},
    )


@pytest.mark.parametrize(("elsewhere", "people"), [(6, 60), (7, 67)])
def test_the_few_of_a_large_entity_who_come_from_elsewhere_are_left_out(elsewhere: int, people: int) -> None:
    oracle = Oracle(pool(elsewhere), EXPLANATIONS)
    check(oracle, list(DETECTORS))
    (party,) = clusters(oracle, things_of(oracle, [DETECTORS["token-never-issued"]]))
    assert len({at for thing in party for at in thing.views}) == people
