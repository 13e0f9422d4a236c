"""Flags of each kind of detector, from items: which entity passes which clause, and when."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

from . import windows
from .bars import Bar, needed
from .baseline import Usual, eighth, learnt_from, power_of_two, succession, usual_of
from .coverage import Coverage
from .explain import UNEXPLAINED, Explain, counts, over
from .ranks import Row, Step, Walk, chains, places_of, steps
from .rows import DAY, Client, Log, View, day_of, duration, hour_of
from .signs import LEARNT_FROM_ANSWERS, Signs, Told, why_not
from .visits import Visits

__all__ = ["Clause", "Flag", "Oracle"]

T = TypeVar("T")
Entity = tuple[str, ...]
PEERS = 5  # of fewer networks, none is like another
WEEK, WEEKS, KNOWN_WEEKS = 168, 4, 2
AS_USUAL = 2  # everybody else opens a page at most so many times as often as usual
BUSY = 3  # groups of people at an address on a day, for it to say what is usual whatever its digest
SAMPLE = 1_024  # how many of the other addresses of a day do: those with the smallest digests
FEW = 3  # people at an address on a day, for it to say what is usual of a way of reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An entity over a bar of a clause: when it was raised. `clients`: the only ones that belong to it; None: see the clause."""

    detector: str
    clause: str
    group_by: tuple[str, ...]
    entity: Entity
    raised: int
    clients: frozenset[Hashable] | None = None
    page: str | None = None  # at which its people's visits began
    bar: Bar | None = None  # what it passed, where that is a matter of luck


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of an item, read."""

    id: str
    item: Mapping[str, Any]
    windows: tuple[tuple[int, int], ...]  # length and number

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Clause:
        said = item.get("persons") or item.get("records") or {}
        return cls(
            id=item["id"],
            item=item,
            windows=tuple((duration(length), number) for length, number in said.items()),
        )

    @property
    def chance(self) -> float:
        said = self.item.get("chance")
        return 1 / int(said.replace(",", "").split(" in ")[1]) if said else 0.0

    @property
    def least_share(self) -> float:
        return self.item.get("least_percent", 0) / 100

    @property
    def least_times(self) -> float:
        return float(self.item.get("least_times", 0))

    @property
    def never_among(self) -> int:
        return int(self.item.get("never_among", 0))

    @property
    def least(self) -> int:
        return min(number for _, number in self.windows)

    @property
    def walk(self) -> Walk:
        said = self.item["walk"]
        return Walk(
            recent=said["recent"], near=said["near"], within=duration(said["within"]),
            chain=said.get("chain", 2), chained_share=said.get("chained_percent", 0) / 100,
        )  # fmt: skip


class Oracle:
    """Asks a log by items: parsed TOML of explanations by id, and of one detector after another."""

    def __init__(self, log: Log, explanations: Mapping[str, Mapping[str, Any]], sample: int = SAMPLE) -> None:
        self.log = log
        self.sample = sample
        self.visits = Visits(log)
        self.coverage = Coverage(log)
        self.explain = Explain(log, self.coverage, explanations)
        self.signs = Signs(log, self.visits, self.coverage, self.explain, explanations)
        self.places = places_of(log)
        self._kept: dict[object, Any] = {}

    def untold(self, detector: Mapping[str, Any]) -> bool:
        """Whether the detector cannot tell anything with this context."""
        return any(self._cannot_ask(need) for need in detector["needs"])

    def _cannot_ask(self, need: str) -> bool:
        if why_not(self.log, need):
            return True
        last = max((day_of(each.time) for each in self.log.views), default=0)
        return need == "tickets" and self.coverage.tickets_aside(last + 1)

    def flags(self, detector: Mapping[str, Any]) -> list[Flag]:
        """Every entity that passes a clause, in order of clause and entity; none where the detector cannot tell."""
        if self.untold(detector):
            return []
        find: Callable[[Mapping[str, Any], Clause], Iterable[Flag]] = getattr(self, f"_{detector['kind']}")
        return [
            flag for each in detector["clause"]
            for flag in sorted(find(detector, Clause.of(each)), key=lambda flag: flag.entity)
        ]  # fmt: skip

    # What is asked of each view.

    def answers(self, tried: Sequence[str]) -> list[int]:
        """By view, what these explanations say together."""
        for name in tried:
            self._keep(
                ("answer", name),
                lambda name=name: [self.explain.answer(name, view) for view in self.log.views],
            )
        return self._keep(
            ("answers", tuple(tried)),
            lambda: [over(each) for each in zip(*(self._kept["answer", name] for name in tried), strict=True)]
            if tried else [over(())] * len(self.log.views),
        )  # fmt: skip

    def told(self, sign: str, slack: int) -> list[Told]:
        return self._keep(("sign", sign, slack), lambda: self.signs.of(sign, slack))

    def counted(self, detector: Mapping[str, Any], clause: Clause) -> list[bool]:
        return [counts(clause.item["counts"], each) for each in self.answers(detector["explanations"])]

    def entity(self, clause: Clause, view: View) -> Entity | None:
        """What a view is put together with others by; None where it is nobody's."""
        client, group_by = view.client, clause.item["group_by"]
        if any(getattr(client, name) is not None for name in clause.item.get("lacks", ())):
            return None
        matches = clause.item.get("agent_matches")
        if matches and not (client.agent and re.search(matches, client.agent)):
            return None
        if group_by == ["client"]:
            return tuple(each or "" for each in client.sent)
        of = [self.visits.of(view).way if name == "manner" else getattr(client, name) for name in group_by]
        return tuple(of) if None not in of else None

    def _by_entity(self, clause: Clause, wanted: Iterable[int]) -> dict[Entity, list[int]]:
        """Positions of views by entity, in total order."""
        found: dict[Entity, list[int]] = defaultdict(list)
        for at in wanted:
            if (entity := self.entity(clause, self.log.views[at])) is not None:
                found[entity].append(at)
        return found

    def _named(self) -> list[int]:
        return [at for at, view in enumerate(self.log.views) if view.person is not None]

    def _keep(self, key: object, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _flag(
        self,
        detector: Mapping[str, Any],
        clause: Clause,
        entity: Entity,
        raised: int,
        clients: Iterable[Hashable] | None = None,
        page: str | None = None,
        bar: Bar | None = None,
    ) -> Flag:
        return Flag(
            detector=detector["id"], clause=clause.id, group_by=tuple(clause.item["group_by"]), entity=entity, raised=raised,
            clients=None if clients is None else frozenset(clients), page=page, bar=bar,
        )  # fmt: skip

    # Fixed bars.

    def _persons(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        counted = self.counted(detector, clause)
        for entity, mine in self._by_entity(clause, self._named()).items():
            rows = [(self.log.views[at].time, self.log.views[at].person, counted[at]) for at in mine]
            raised = []
            for length, number in clause.windows:
                share = windows.share_in(rows, length)
                for instant, people, _ in windows.persons([row for row in rows if row[2]], length):
                    part, every = share(instant)
                    if people >= number and part >= clause.least_share * every:
                        raised.append(instant)
                        break
            if raised:
                yield self._flag(detector, clause, entity, min(raised))

    def _canary(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        planted: dict[str, int] = {}
        for row in self.log.context.rows("canaries"):
            since = -(1 << 62) if row.get("since") is None else row["since"]
            planted[row["person"]] = min(planted.get(row["person"], since), since)
        counted = self.counted(detector, clause)
        wanted = [
            at for at in self._named()
            if counted[at] and self.log.views[at].person in planted
            and self.log.views[at].time >= planted[str(self.log.views[at].person)]
        ]  # fmt: skip
        for entity, mine in self._by_entity(clause, wanted).items():
            first: dict[str | None, int] = {}
            for at in mine:
                first.setdefault(self.log.views[at].person, self.log.views[at].time)
            if len(first) >= clause.item["canaries"]:
                yield self._flag(
                    detector, clause, entity, sorted(first.values())[clause.item["canaries"] - 1]
                )

    def _records(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        counted = self.counted(detector, clause)
        wanted = [at for at, view in enumerate(self.log.views) if view.person is None and counted[at]]
        for entity, mine in self._by_entity(clause, wanted).items():
            rows = [
                (view.time, 1 if view.extra is None else view.extra)
                for view in (self.log.views[at] for at in mine)
            ]
            raised = [
                next((instant for instant, total in windows.records(rows, length) if total >= number), None)
                for length, number in clause.windows
            ]
            if any(each is not None for each in raised):
                yield self._flag(detector, clause, entity, min(each for each in raised if each is not None))

    def _list(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        counted = self.counted(detector, clause)
        wanted = [
            at for at, view in enumerate(self.log.views)
            if view.person is None and view.extra is not None and view.route is not None and counted[at]
        ]  # fmt: skip
        for entity, mine in self._by_entity(clause, wanted).items():
            by_route: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for view in (self.log.views[at] for at in mine):
                by_route[str(view.route)].append((view.time, view.extra or 0))
            raised = [
                found[-1][0]
                for pages in by_route.values()
                for found in windows.lists(pages, clause.item["pages"])
                for length, number in clause.windows
                if sum(records for time, records in found if time > found[-1][0] - length) >= number
            ]
            if raised:
                yield self._flag(detector, clause, entity, min(raised))

    # Signs.

    def _sign(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        slack = duration(detector.get("clock_slack", "0s"))
        told = self.told(clause.item["sign"], slack)
        counted = self.counted(detector, clause)
        asked = (clause.item["sign"], slack, tuple(detector["explanations"]))
        wanted = [at for at, each in enumerate(told) if each.bears is not None]
        by_entity = self._by_entity(clause, wanted)
        for entity, mine in by_entity.items():
            rows = [
                (instant, self.log.stand_in(self.log.views[at]), bears and counted[at])
                for at in mine
                for instant, bears in _told_at(self.log.views[at], told[at])
            ]
            if len({who for _, who, signed in rows if signed}) < clause.least:
                continue
            raised = []
            for length, number in clause.windows:
                for instant, signed, people in windows.persons(rows, length):
                    if signed < number:
                        continue
                    bar = self._bar(clause, asked, by_entity, entity, length, day_of(instant))
                    if bar is not None and bar.passed(signed, people):
                        raised.append((instant, length, bar))
                        break
            if raised:
                instant, _, bar = min(raised, key=lambda each: each[:2])
                yield self._flag(detector, clause, entity, instant, bar=bar)

    def _bar(
        self, clause: Clause, asked: tuple[str, int, tuple[str, ...]], by_entity: Mapping[Entity, Sequence[int]],
        entity: Entity, length: int, day: int,
    ) -> Bar | None:  # fmt: skip
        """What the entity has to pass within a window of this length that ends on this day; None: nothing is known of what is usual."""
        share = 0.5
        if clause.chance or clause.least_times or clause.never_among:
            usual = self.usual(asked, of_month=clause.never_among > 0 or length > DAY, day=day)
            # who bears it in views of a day bears it in those of a month: that is no less, where no day shows anything
            usual = usual if usual.people else self.usual(asked, of_month=True, day=day)
            if not usual.people or (
                clause.never_among and (usual.signed or usual.people < clause.never_among)
            ):
                return None
            share = usual.share
            if clause.item["group_by"] == ["manner"]:
                share = self._share_alike(asked, entity, day) or share
            if clause.chance and clause.item["group_by"] == ["principal"]:
                share = self._share_of_colleagues(asked, entity, day) or share
        actors = self._actors(clause, asked, by_entity, day) if clause.chance else 1
        return Bar(
            usual=share, least_share=clause.least_share, least_times=clause.least_times,
            nats=needed(actors, clause.chance, length),
        )  # fmt: skip

    def _actors(
        self,
        clause: Clause,
        asked: tuple[str, int, tuple[str, ...]],
        by_entity: Mapping[Entity, Sequence[int]],
        day: int,
    ) -> int:
        """How many entities could bear the sign at all, as of a day."""

        def by_day() -> dict[int, set[Entity]]:
            found: dict[int, set[Entity]] = defaultdict(set)
            told = self.told(asked[0], asked[1])
            for entity, mine in by_entity.items():
                for at in mine:
                    for instant, _ in _told_at(self.log.views[at], told[at]):
                        found[day_of(instant)].add(entity)
            return found

        grouping = (
            tuple(clause.item["group_by"]),
            tuple(clause.item.get("lacks", ())),
            clause.item.get("agent_matches"),
        )
        days = self._keep(("entities", grouping, asked), by_day)
        return power_of_two(len(set().union(*(days[each] for each in learnt_from(days, day)))))

    def usual(self, asked: tuple[str, int, tuple[str, ...]], *, of_month: bool, day: int) -> Usual:
        """The baseline of a sign, of a month or of a day, as of a day."""
        places = self._keep(("places", asked), lambda: self._places(asked))
        days = tuple(learnt_from(places, day))
        return self._keep(
            ("usual", asked, of_month, days),
            lambda: usual_of([*_by_address([places[each] for each in days], of_month=of_month)]),
        )

    def _places(
        self, asked: tuple[str, int, tuple[str, ...]]
    ) -> dict[int, dict[str, tuple[set[str], set[str]]]]:
        """By day and address, one person for each group of people who bear the sign, and of those who do not. Of people whom one token
        or session read, or one client with any of them, there is one group. Where the sign rests on an explanation, unexplained
        views without it are left out: who reads thousands by other means says nothing of what is usual."""
        seen: dict[tuple[int, str], dict[str, list[tuple[Client, bool]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        told, honest_ones = self.told(asked[0], asked[1]), self._honest(asked)
        for view, each, honest in zip(self.log.views, told, honest_ones, strict=True):
            if each.bears is not None and view.client.address is not None and (each.bears or honest):
                for instant, bears in _told_at(view, each):
                    row = (view.client, bears)
                    seen[day_of(instant), view.client.address][self.log.stand_in(view)].append(row)
        found: dict[int, dict[str, tuple[set[str], set[str]]]] = defaultdict(dict)
        quiet: dict[int, list[str]] = defaultdict(list)
        for (day, address), people in seen.items():
            groups: dict[tuple[bool, Hashable], list[str]] = defaultdict(list)
            for who, mine in people.items():
                client = min((each for each, _ in mine), key=self.log.client_digest)
                bare = client.token is None and client.session is None
                group = ("person", who) if bare else ("client", client.sent)
                groups[any(bears for _, bears in mine), group].append(who)
            one_of = {
                key: min(each, key=lambda who: (self.log.digest("person", who), who))
                for key, each in groups.items()
            }
            found[day][address] = (
                {who for (signed, _), who in one_of.items() if signed},
                {who for (signed, _), who in one_of.items() if not signed},
            )
            if len(groups) < BUSY:
                quiet[day].append(address)
        for day, those in quiet.items():
            for address in sorted(those, key=lambda each: self.log.digest("address", each))[self.sample :]:
                del found[day][address]
        return found

    def _honest(self, asked: tuple[str, int, tuple[str, ...]]) -> list[bool]:
        """Of each view, whether it says what is usual though it does not bear the sign."""
        return [asked[0] not in LEARNT_FROM_ANSWERS or each != UNEXPLAINED for each in self.answers(asked[2])]

    def _share_alike(self, asked: tuple[str, int, tuple[str, ...]], entity: Entity, day: int) -> float | None:
        """The share of those who bear the sign among people seen in one way of reading, at addresses where at least as many people are
        seen otherwise; None where there are none."""
        ways = self._keep(("alike", asked), lambda: self._alike(asked))
        mine = [ways[each][entity[0]] for each in learnt_from(ways, day) if entity[0] in ways[each]]
        if not mine:
            return None
        return eighth(succession(sum(signed for signed, _ in mine), sum(people for _, people in mine)))

    def _alike(self, asked: tuple[str, int, tuple[str, ...]]) -> dict[int, dict[str, tuple[int, int]]]:
        """By day and way of reading, how many people bear the sign and how many there are, summed over honest addresses."""
        at_address: dict[tuple[int, str], list[tuple[str | None, str, bool]]] = defaultdict(list)
        for view, told in zip(self.log.views, self.told(asked[0], asked[1]), strict=True):
            if told.bears is not None and view.client.address is not None:
                for instant, bears in _told_at(view, told):
                    row = (self.visits.of(view).way, self.log.stand_in(view), bears)
                    at_address[day_of(instant), view.client.address].append(row)
        found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
        for (day, _), rows in at_address.items():
            people = {who for _, who, _ in rows}
            signed, others = (
                {who for _, who, bears in rows if bears},
                {who for _, who, bears in rows if not bears},
            )
            if len(people) < FEW or len(others) < len(signed):
                continue
            for way in {way for way, _, _ in rows if way is not None}:
                mine = {who for each, who, _ in rows if each == way}
                bearing = {who for each, who, bears in rows if each == way and bears}
                before = found[day].get(way, (0, 0))
                found[day][way] = (before[0] + len(bearing), before[1] + len(mine))
        return found

    def _share_of_colleagues(
        self, asked: tuple[str, int, tuple[str, ...]], entity: Entity, day: int
    ) -> float | None:
        """The share of those who bear the sign among people at an address whom others than this principal saw; None where these saw
        nobody. Each person of an address counts once."""
        met = self._keep(("colleagues", asked), lambda: self._met(asked))
        mine = [each for known in learnt_from(met, day) for each in met[known] if each[1] != entity[0]]
        places = []
        for address in {each[0] for each in mine}:
            signed = {who for at, _, who, bears in mine if at == address and bears}
            others = {who for at, _, who, _ in mine if at == address} - signed
            places.append([(len(signed), len(others))])
        usual = usual_of(places)
        return eighth(usual.share) if usual.people else None

    def _met(self, asked: tuple[str, int, tuple[str, ...]]) -> dict[int, list[tuple[str, str, str, bool]]]:
        """By day: at which address which principal saw which person by name, and whether with the sign."""
        found: dict[int, list[tuple[str, str, str, bool]]] = defaultdict(list)
        told, honest_ones = self.told(asked[0], asked[1]), self._honest(asked)
        for view, each, honest in zip(self.log.views, told, honest_ones, strict=True):
            who, client = self.log.stand_in(view), view.client
            if each.bears is None or not (each.bears or honest) or who.startswith("nobody\x00"):
                continue
            if client.address is not None and client.principal is not None:
                for instant, bears in _told_at(view, each):
                    found[day_of(instant)].append((client.address, client.principal, who, bears))
        return found

    # Walks.

    def _walk(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        walk, counted = clause.walk, self.counted(detector, clause)
        by_entity = self._by_entity(clause, [at for at in self._named() if counted[at]])
        longest = max(length for length, _ in clause.windows)
        several: dict[int, set[Entity]] = defaultdict(set)
        for entity, mine in by_entity.items():
            by_day: dict[int, set[str | None]] = defaultdict(set)
            for at in mine:
                by_day[day_of(self.log.views[at].time)].add(self.log.views[at].person)
            for day, people in by_day.items():
                if len(people) > 1:
                    several[day].add(entity)
        for entity, mine in by_entity.items():
            came, of_days = self._who_came(walk, mine), self._steps_of_days(walk, mine)
            for day in sorted({day_of(self.log.views[at].time) for at in mine}):
                first = day - -(-longest // DAY) - 1
                recent = [at for at in mine if first <= day_of(self.log.views[at].time) <= day]
                if len({self.log.views[at].person for at in recent}) <= clause.least:
                    continue
                fresh = [each for each in came if first <= day_of(each.row.time) <= day]
                actors = power_of_two(
                    len(set().union(*(several[each] for each in learnt_from(several, day))))
                )
                raised = self._walked(clause, fresh, day, actors, of_days)
                clients = _walkers(walk, fresh) if clause.item["members"] == "signed" else None
                if raised is not None and (clients is None or clients):
                    yield self._flag(detector, clause, entity, raised[0], clients, bar=raised[1])
                    break

    def _steps(self, walk: Walk, mine: Iterable[int], day: int) -> list[Step]:
        """Who was new to an actor, all at the places they have at the end of the day."""
        places = self.places.on(day)
        rows = [
            Row(view.time, places[view.person], view.client.sent, at)
            for at, view in ((at, self.log.views[at]) for at in mine) if view.person in places
        ]  # fmt: skip
        return steps(walk, rows)

    def _who_came(self, walk: Walk, mine: Sequence[int]) -> list[Step]:
        """Day by day who was new to an actor, and whether they were a step as of the end of that day: what it is holds from then on."""
        found = []
        for day in sorted({day_of(self.log.views[at].time) for at in mine}):
            start = day * DAY
            near = [at for at in mine if start - 3 * walk.within <= self.log.views[at].time < start + DAY]
            found += [each for each in self._steps(walk, near, day) if each.row.time >= start]
        return found

    def _walked(
        self,
        clause: Clause,
        fresh: Sequence[Step],
        day: int,
        actors: int,
        of_days: Mapping[int, tuple[int, int]],
    ) -> tuple[int, Bar] | None:
        """When on that day more people were steps than accident and what is usual allow."""
        rows = [(each.row.time, self.log.views[each.row.view].person, each.step) for each in fresh]
        for length, number in clause.windows:
            accident = self._by_accident(clause.walk, of_days, day - -(-length // DAY), day)
            bar = Bar(
                usual=max(self._usual_steps(clause.walk, day).share, accident),
                least_share=clause.least_share, least_times=clause.least_times,
                nats=needed(actors, clause.chance, length),
            )  # fmt: skip
            for instant, signed, every in windows.persons(rows, length):
                if day_of(instant) == day and signed >= number and bar.passed(signed, every):
                    return instant, bar
        return None

    def _by_accident(
        self, walk: Walk, of_days: Mapping[int, tuple[int, int]], first: int, last: int
    ) -> float:
        """What part of those who were new on these days is a step by accident, each day by itself."""
        new = {day: told[0] for day, told in of_days.items() if first <= day <= last}
        steps_by_accident = sum(
            many * walk.chance(power_of_two(len(self.places.on(day)))) for day, many in new.items()
        )
        return steps_by_accident / sum(new.values()) if new else 0.0

    def _usual_steps(self, walk: Walk, day: int) -> Usual:
        """How many people at an address are steps, at addresses where most are not, explained views among them."""
        by_day = self._keep(("steps", walk), lambda: self._steps_by_day(walk))
        days = tuple(learnt_from(by_day, day))

        def usual() -> Usual:
            fresh: dict[str, int] = defaultdict(int)
            taken: dict[str, int] = defaultdict(int)
            for address, (new, walked) in (each for one in days for each in by_day[one].items()):
                fresh[address] += new
                taken[address] += walked
            # the first of all can be no step
            return usual_of([[(taken[address], new - taken[address] - 1)] for address, new in fresh.items()])

        return self._keep(("usual steps", walk, days), usual)

    def _steps_by_day(self, walk: Walk) -> dict[int, dict[str, tuple[int, int]]]:
        """By day and address: how many people were new, and how many steps there were. What a step goes on from may lie before the
        day: it was seen within the time of the walk, and was new after as long a time, or it was such a two. So three times that time
        is looked at. A step that only the next one shows counts on the day of that one."""
        at_address: dict[str, list[int]] = defaultdict(list)
        for at in self._named():
            if (address := self.log.views[at].client.address) is not None:
                at_address[address].append(at)
        found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
        for address, mine in at_address.items():
            for day, told in self._steps_of_days(walk, mine).items():
                found[day][address] = told
        return found

    def _steps_of_days(self, walk: Walk, mine: Sequence[int]) -> dict[int, tuple[int, int]]:
        """By day how many people were new to an actor, and how many steps there were, where two were new shortly before its end, or
        anybody was a step."""
        found = {}
        for day in sorted({day_of(self.log.views[at].time) for at in mine}):
            start = day * DAY
            near = [at for at in mine if start - 3 * walk.within <= self.log.views[at].time < start + DAY]
            before = [at for at in near if self.log.views[at].time < start]
            fresh = self._steps(walk, near, day)
            new = sum(each.row.time >= start for each in fresh)
            walked = sum(each.step for each in fresh) - sum(
                each.step for each in self._steps(walk, before, day)
            )
            shortly = sum(each.row.time >= start - walk.within for each in fresh)
            if new and (shortly > 1 or walked):
                found[day] = (new, walked)
        return found

    # Pages.

    def _surge(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        counted = self.counted(detector, clause)
        on_pages = [at for at in self._named() if self.log.views[at].route is not None]
        every: dict[str, dict[int, set[str | None]]] = defaultdict(lambda: defaultdict(set))
        people: dict[str, dict[int, set[str | None]]] = defaultdict(lambda: defaultdict(set))
        for at in on_pages:
            view = self.log.views[at]
            every[str(view.route)][hour_of(view.time)].add(view.person)
            if counted[at]:
                people[str(view.route)][hour_of(view.time)].add(view.person)
        raised: dict[Entity, int] = {}
        clients: dict[Entity, set[Hashable]] = defaultdict(set)
        for route, hour, usual, enough in _surges(people, every, clause):
            mine = [
                at for at in on_pages
                if counted[at] and self.log.views[at].route == route and hour_of(self.log.views[at].time) == hour
            ]  # fmt: skip
            for entity, theirs in self._by_entity(clause, mine).items():
                first: dict[str | None, int] = {}
                for at in theirs:
                    first.setdefault(self.log.views[at].person, self.log.views[at].time)
                if len(first) < enough or len(people[route][hour]) - len(first) > AS_USUAL * usual:
                    continue
                reached = sorted(first.values())[enough - 1]
                raised[entity] = min(raised.get(entity, reached), reached)
                clients[entity] |= {self.log.views[at].client.sent for at in theirs}
        for entity, at in raised.items():
            yield self._flag(detector, clause, entity, at, clients[entity])

    def _way(self, detector: Mapping[str, Any], clause: Clause) -> Iterator[Flag]:
        counted = self.counted(detector, clause)
        begun = [
            at for at in self._named()
            if (visit := self.visits.of(self.log.views[at])).first_page is not None
            and self.log.views[at].person == _one_seen(visit.views)
        ]  # fmt: skip
        by_entity = self._by_entity(clause, begun)
        flagged: set[Entity] = set()
        for day in sorted({day_of(self.log.views[at].time) for at in begun}):
            for entity, page, bar in self._ways(clause, by_entity, day):
                rows = [
                    (view.time, view.person, self.visits.of(view).first_page == page and counted[at])
                    for at in by_entity[entity] if (view := self.log.views[at])
                ]  # fmt: skip
                raised = [
                    instant for length, number in clause.windows for instant, signed, every in windows.persons(rows, length)
                    if day_of(instant) == day and signed >= number and bar[length].passed(signed, every)
                ]  # fmt: skip
                if raised and entity not in flagged:
                    flagged.add(entity)
                    mine = {
                        self.log.views[at].client.sent for at in by_entity[entity]
                        if self.visits.of(self.log.views[at]).first_page == page
                    }  # fmt: skip
                    yield self._flag(detector, clause, entity, min(raised), mine, page)

    def _ways(
        self, clause: Clause, by_entity: Mapping[Entity, Sequence[int]], day: int
    ) -> Iterator[tuple[Entity, str, Mapping[int, Bar]]]:
        """Entities of whose people so many began at one page, within the days that a window touches which ends on that day."""
        first = day - max(length for length, _ in clause.windows) // DAY
        pages: dict[Entity, dict[str, set[str | None]]] = defaultdict(lambda: defaultdict(set))
        for entity, mine in by_entity.items():
            for view in (self.log.views[at] for at in mine):
                if first <= day_of(view.time) <= day:
                    pages[entity][str(self.visits.of(view).first_page)].add(view.person)
        whole = {entity: len(set().union(*of.values())) for entity, of in pages.items()}
        whole = {entity: people for entity, people in whole.items() if people >= clause.least}
        if len(whole) < PEERS:
            return
        least = 1 / (sum(whole.values()) + 2)
        rows = sum(len(pages[entity]) for entity in whole)
        for page in sorted({page for entity in whole for page in pages[entity]}):
            shares = [len(pages[entity].get(page, ())) / people for entity, people in whole.items()]
            bars = {
                length: Bar(
                    usual=max(median(shares), least), least_share=clause.least_share, least_times=clause.least_times,
                    nats=needed(rows, clause.chance, length),
                )
                for length, _ in clause.windows
            }  # fmt: skip
            for entity, people in whole.items():
                mine = len(pages[entity].get(page, ()))
                if mine >= clause.least and any(each.passed(mine, people) for each in bars.values()):
                    yield entity, page, bars


def _told_at(view: View, told: Told) -> list[tuple[int, bool]]:
    """When it is told of a view whether it bears a sign: at its own instant, and where that was known only later once more then."""
    if told.known > view.time:
        return [(view.time, False), (told.known, bool(told.bears))]
    return [(view.time, bool(told.bears))]


def _one_seen(views: Iterable[View]) -> str | None:
    """Whom a visit saw on pages, where it was one person."""
    people = {each.person for each in views if each.person is not None and each.route is not None}
    return people.pop() if len(people) == 1 else None


def _by_address(
    days: Sequence[Mapping[str, tuple[set[str], set[str]]]], *, of_month: bool
) -> Iterator[list[tuple[int, int]]]:
    """Of each address the pairs (signed, others) that are judged: one for all these days, of unions, or one for each day."""
    for address in sorted({each for day in days for each in day}):
        mine = [day[address] for day in days if address in day]
        if of_month:
            signed = set().union(*(each[0] for each in mine))
            others = set().union(*(each[1] for each in mine)) - signed
            yield [(len(signed), len(others))]
        else:
            yield [(len(signed), len(others)) for signed, others in mine]


def _walkers(walk: Walk, fresh: Sequence[Step]) -> set[Hashable]:
    """The clients of which enough people stand in long chains. One that thousands share may meet a chain by accident."""
    of = chains(fresh)
    sizes = Counter(of)
    standing: dict[Hashable, list[bool]] = defaultdict(list)
    for each, chain in zip(fresh, of, strict=True):
        standing[each.row.client].append(sizes[chain] >= walk.chain)
    return {
        client for client, each in standing.items()
        if any(each) and round(sum(each) - walk.chained_share * len(each), 6) >= 0
    }  # fmt: skip


def _surges(
    people: Mapping[str, Mapping[int, set[str | None]]],
    every: Mapping[str, Mapping[int, set[str | None]]],
    clause: Clause,
) -> Iterator[tuple[str, int, float, int]]:
    """(page, hour, usual number, enough for one entity) of pages and hours that were seen by far more people than the same hour of the
    week in weeks before, or the hour beside it, where other pages did not grow as much."""
    seen = {hour for hours in every.values() for hour in hours}

    def around(hours: Mapping[int, set[str | None]], hour: int) -> int:
        return max(len(hours.get(each, ())) for each in (hour - 1, hour, hour + 1))

    for route, hours in people.items():
        for hour, now in hours.items():
            weeks = [hour - WEEK * back for back in range(1, WEEKS + 1)]
            weeks = [each for each in weeks if {each - 1, each, each + 1} & seen]
            if len(now) < clause.least or len(weeks) < KNOWN_WEEKS:
                continue
            grown = [
                (len(of.get(hour, ())) + 1) / (max(around(of, week) for week in weeks) + 1)
                for other, of in every.items() if other != route
            ]  # fmt: skip
            growth = max(1.0, median(grown)) if grown else 1.0
            usual = max(max(around(hours, week) for week in weeks) * growth, 1.0)
            enough = max(clause.least, math.ceil(round(clause.least_times * usual, 6)))
            if len(now) >= enough:
                yield route, hour, usual, enough
