"""Small worlds for hypothesis: shops with customers, staff, jobs and somebody who breaks in, as rows of dicts with raw texts.

A world can be put into files in any way and in any order: what it means stays the same.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from .rows import DAY, HOUR, SECOND, Log, log_of

__all__ = ["World", "cuts", "worlds"]

START = 20_209 * DAY  # a Thursday
MINUTE = 60 * SECOND
ROUTES = ("my-info", "my-orders", "support-customer", "export")


@dataclass(frozen=True, kw_only=True)
class World:
    """Views, other requests and context tables, as dicts; `breach` says what was planted."""

    views: Sequence[Mapping[str, Any]]
    others: Sequence[Mapping[str, Any]]
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    breach: str = ""

    def log(self) -> Log:
        return log_of(self.views, self.others, self.tables)


class _Shop:
    """Makes a world from a few choices and a seed."""

    def __init__(self, chance: random.Random, people: int, days: int) -> None:
        self.chance, self.people, self.days = chance, people, days
        self.views: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.homes = [chance.choice(("carrier", "carrier", f"home-{person % 4}")) for person in range(people)]

    def instant(self) -> int:
        return START + self.chance.randrange(self.days * DAY // SECOND) * SECOND

    def person(self) -> str:
        return f"c{self.chance.randrange(self.people)}"

    def client(self, address: str, **more: str) -> dict[str, str]:
        return {"address": address, "network": f"net-{address[:3]}", "agent": "app", **more}

    def see(
        self, time: int, person: str | None, client: Mapping[str, str], route: str = "my-info", **more: Any
    ) -> None:
        self.views.append({"time": time, "person": person, "route": route, **client, **more})

    def ask(self, time: int, client: Mapping[str, str], person: str | None = None, status: int = 200) -> None:
        self.others.append({"time": time, "person": person, "status": status, **client})

    def customers(self) -> None:
        for person, home in enumerate(self.homes):
            for visit in range(self.chance.randrange(1, 4)):
                time = self.instant()
                client = self.client(home, token=f"t{person}-{visit}", principal=f"c{person}", key="k-1")
                if self.chance.random() < 0.3:
                    client = {
                        name: text for name, text in client.items() if name not in ("token", "principal")
                    }
                self.see(time, f"c{person}", client)
                if self.chance.random() < 0.7:
                    self.ask(time + MINUTE, client)
                    self.see(time + 2 * MINUTE, f"c{person}", client, "my-orders")
                if self.chance.random() < 0.2:
                    self.ask(time + 3 * MINUTE, client, f"x{person}", 404)
                if self.chance.random() < 0.2:
                    self.ask(time + 3 * MINUTE, self.client(home), None, 401)
                if "logins" in self.tables:
                    self.tables["logins"].append(
                        {"time": time - MINUTE, "subject": f"c{person}", "token": f"t{person}-{visit}"}
                    )

    def desk(self) -> None:
        """Members of staff with tickets, one of whom may have left, and one of whom is a customer, too."""
        gone = START + self.days * DAY // 2
        self.tables["staff"] = [
            {"staff": "agent-0", "subject": "c0"},
            {"staff": "agent-1", "gone": gone},
            {"staff": "agent-2"},
        ]
        self.tables["tickets"] = []
        self.tables["subjects"] = [
            {
                "subject": f"c{person}",
                "home": f"street {person // 3}",
                "family": f"f{person % 2}",
                "public": int(person == 1),
            }
            for person in range(self.people)
        ]
        for _ in range(self.chance.randrange(1, 25)):
            agent, person, time = f"agent-{self.chance.randrange(3)}", self.person(), self.instant()
            self.see(time, person, self.client("desk", principal=agent), "support-customer")
            if self.chance.random() < 0.8:
                self.tables["tickets"].append(
                    {"agent": agent, "subject": person, "opened": time - HOUR, "closed": time + HOUR}
                )

    def jobs(self) -> None:
        """A partner whose contract ends, and a nightly job that exports lists."""
        until = START + self.days * DAY // 2
        self.tables["services"] = [
            {"principal": "partner", "key": "k-p", "until": until}, {"principal": "nightly", "address": "cron"},
        ]  # fmt: skip
        for _ in range(self.chance.randrange(1, 15)):
            self.see(self.instant(), self.person(), self.client("out", principal="partner", key="k-p"))
        page = self.chance.choice((10, 50))
        for start in range(self.chance.randrange(3)):
            who = self.client(
                self.chance.choice(("cron", "out")), principal=self.chance.choice(("nightly", "agent-2"))
            )
            first = self.instant()
            for turn in range(self.chance.randrange(1, 9)):
                size = page if turn < 7 and self.chance.random() < 0.9 else self.chance.randrange(page)
                time = first + turn * self.chance.choice((MINUTE, MINUTE, 2 * HOUR))
                self.see(time, None, who, f"export-{start}", extra=self.chance.choice((size, size, None)))

    def traps(self) -> None:
        """Planted people, and keys of which one was retired and one belonged to somebody who left."""
        self.tables["canaries"] = [{"person": "bait", "since": START + DAY}, {"person": "bait-2"}]
        self.tables["keys"] = [
            {"key": "k-1"}, {"key": "k-old", "retired": START + DAY}, {"key": "k-a", "holders": ["agent-1"]},
        ]  # fmt: skip
        for _ in range(self.chance.randrange(4)):
            self.see(
                self.instant(),
                self.chance.choice(("bait", "bait-2")),
                self.client(f"trap-{self.chance.randrange(2)}"),
            )
        for _ in range(self.chance.randrange(4)):
            key = self.chance.choice(("k-old", "k-a", "k-none"))
            self.see(self.instant(), self.person(), self.client("keys", key=key))

    def breach(self, kind: str) -> None:
        first, count = self.instant(), self.chance.randrange(2, self.people + 2)
        for turn in range(count):
            time, person = first + turn * self.chance.choice((MINUTE, 20 * MINUTE)), f"c{turn % self.people}"
            if kind == "forged":
                self.see(
                    time,
                    person,
                    self.client("thief", agent="curl", token=f"forged-{turn}", principal=person, key="k-1"),
                )
            elif kind == "stolen":
                self.see(
                    time,
                    person,
                    self.client("thief", agent="curl", token=f"t{turn % self.people}-0", key="k-1"),
                )
            elif kind == "one token":
                self.see(time, person, self.client("thief", agent="curl", token="t0-0", principal="c0"))
            elif kind == "pool":
                self.see(time, person, self.client(f"pool-{turn}", agent="curl"))
                self.ask(time + 1, self.client(f"pool-{turn}", agent="curl"), f"y{turn}", 404)
            elif kind == "passwords":
                client = self.client(f"pool-{turn % 2}", agent="curl")
                self.ask(time, client, None, 401)
                self.ask(time + SECOND, client, None, 401)
                self.see(time + 2 * SECOND, person, client)


@st.composite
def worlds(draw: st.DrawFn, most_days: int = 40, logins: bool | None = None) -> World:
    """A shop of up to a dozen people on up to so many days."""
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    shop = _Shop(chance, draw(st.integers(1, 12)), draw(st.integers(1, most_days)))
    if logins if logins is not None else draw(st.booleans()):
        shop.tables["logins"] = []
    shop.customers()
    for make in (shop.desk, shop.jobs, shop.traps):
        if draw(st.booleans()):
            make()
    kind = draw(st.sampled_from(("", "forged", "stolen", "one token", "pool", "passwords")))
    if kind:
        shop.breach(kind)
    return World(views=shop.views, others=shop.others, tables=shop.tables, breach=kind)


@st.composite
def cuts(draw: st.DrawFn, world: World) -> Log:
    """The log of a world with its lines in other files, each in order of time, and its rows handed over in any order. Rows of one instant
    keep their order among themselves only by the file that they come to lie in."""
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    files = draw(st.integers(1, 3))
    views = [{**each, "file": bytes([chance.randrange(files)])} for each in world.views]
    others = [{**each, "file": bytes([chance.randrange(files)])} for each in world.others]
    tables = {name: chance.sample(list(rows), len(rows)) for name, rows in world.tables.items()}
    return log_of(chance.sample(views, len(views)), chance.sample(others, len(others)), tables)
