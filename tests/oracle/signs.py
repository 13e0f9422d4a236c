"""Each sign of a view, and when it is known.

A sign is True or False, or None where it cannot be told or does not apply. `known` is the instant from which on a view that bears it
counts: the view's own, or later where what makes it true came later.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from .baseline import KNOWN
from .coverage import Coverage
from .explain import CANNOT_TELL, NEVER, NOT_APPLICABLE, UNEXPLAINED, Explain
from .rows import DAY, HOUR, Log, Request, View, day_of, hour_of
from .visits import Visits

__all__ = ["LEARNT_FROM_ANSWERS", "NEEDS", "Signs", "Told"]

LITTLE = 10  # views, and tries, of a week in which somebody did little
SECOND_DEVICE_DAYS = 30  # before the one as of which it is told
BEFORE, AFTER = 9, 8  # hours beside that of the view
SMALL_HOME = 8
FAILED = (404, 410)

LEARNT_FROM_ANSWERS = frozenset(("never-issued", "issued-to-another", "out-of-time", "no-reason"))
"""Signs that read the answer of an explanation."""
NEEDS: Mapping[str, tuple[str, ...]] = {
    "never-issued": ("logins",), "issued-to-another": ("logins",), "out-of-time": ("logins",), "key-retired": ("keys",),
    "key-unknown": ("keys",), "key-of-leaver": ("staff", "keys.holders"), "principal-left": ("staff",),
    "service-ended": ("services",), "no-reason": ("staff", "tickets"), "own-record": ("staff.subject or subjects.staff",),
    "colleague": ("staff.subject or subjects.staff",), "relative": ("staff.subject or subjects.staff", "subjects.home"),
    "public-figure": ("staff", "subjects.public"),
}  # fmt: skip
RULES = {
    "never-issued": "issued-session", "issued-to-another": "issued-session", "out-of-time": "issued-session",
    "no-reason": "open-ticket",
}  # fmt: skip


class Told(NamedTuple):
    """Whether a view bears a sign, and from when on that is known."""

    bears: bool | None
    known: int


class Signs:
    """The signs of all views of a log."""

    def __init__(
        self,
        log: Log,
        visits: Visits,
        coverage: Coverage,
        explain: Explain,
        items: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._log, self._context = log, log.context
        self._visits, self._coverage, self._explain = visits, coverage, explain
        self._by_rule = {item["rule"]: name for name, item in items.items()}

    def of(self, name: str, slack: int) -> list[Told]:
        """A sign of all views, in their order. `slack`: by how much the clocks of two systems may differ."""
        if any(why_not(self._log, each) for each in NEEDS.get(name, ())):
            return [Told(None, view.time) for view in self._log.views]
        tell: Callable[[View], bool | Told | None]
        if name in RULES:
            explanation = self._by_rule[RULES[name]]
            by_answer = getattr(self, "_" + name.replace("-", "_"))
            tell = lambda view: by_answer(view, self._explain.answer(explanation, view))  # noqa: E731
        elif name in ("key-retired", "key-of-leaver", "principal-left", "service-ended"):
            of_clocks = getattr(self, "_" + name.replace("-", "_"))
            tell = lambda view: of_clocks(view, slack)  # noqa: E731
        else:
            tell = getattr(self, "_" + name.replace("-", "_"))
        found = []
        for view in self._log.views:
            told = tell(view)
            found.append(told if isinstance(told, Told) else Told(told, view.time))
        return found

    # From what explanations said of the pass.

    def _never_issued(self, view: View, answer: int) -> bool | None:
        if answer in (NOT_APPLICABLE, CANNOT_TELL) or view.client.principal in self._explain.not_customers:
            return None
        return answer == NEVER

    def _issued_to_another(self, view: View, answer: int) -> bool | None:
        if answer in (NOT_APPLICABLE, CANNOT_TELL) or view.person is None:
            return None
        if view.client.principal in self._explain.not_customers:
            return None
        holders = {each.person for each in self._explain.issued(view)}
        knows_staff = "staff" in self._context.tables and view.client.principal is not None
        if not knows_staff and not holders & self._log.persons:
            return None
        return answer == UNEXPLAINED and view.person not in holders

    def _out_of_time(self, view: View, answer: int) -> bool | None:
        if answer in (NOT_APPLICABLE, CANNOT_TELL) or view.client.principal in self._explain.not_customers:
            return None
        if view.person is None or view.person not in {each.person for each in self._explain.issued(view)}:
            return None
        return answer == UNEXPLAINED

    def _no_reason(self, _view: View, answer: int) -> bool | None:
        return {UNEXPLAINED: True, 1: False}.get(answer)

    # From tables.

    def _another_person(self, view: View) -> bool | None:
        claimed = view.client.principal
        if view.person is None or claimed not in self._log.persons or claimed in self._explain.not_customers:
            return None
        return claimed != view.person

    def _key_retired(self, view: View, slack: int) -> bool | None:
        mine = [
            row
            for row in self._context.rows("keys")
            if row.get("key") is not None and row["key"] == view.client.key
        ]
        return _none_in_force(mine, "made", "retired", view.time, slack)

    def _key_unknown(self, view: View) -> bool | None:
        if view.client.key is None or not self._coverage.keys_met(day_of(view.time)):
            return None
        return all(row.get("key") != view.client.key for row in self._context.rows("keys"))

    def _key_of_leaver(self, view: View, slack: int) -> bool | None:
        rows = [
            row
            for row in self._context.rows("keys")
            if row.get("key") is not None and row["key"] == view.client.key
        ]
        holders = {each for row in rows for each in row.get("holders") or ()}
        if not holders:
            return None
        return all(self._left(each, view.time - slack) for each in holders)

    def _left(self, staff: str, time: int) -> bool:
        """Whether somebody is on record as staff, and had left for good by then."""
        ends = [row.get("gone") for row in self._context.rows("staff") if row["staff"] == staff]
        return bool(ends) and all(each is not None and each <= time for each in ends)

    def _principal_left(self, view: View, slack: int) -> bool | None:
        mine = [row for row in self._context.rows("staff") if row["staff"] == view.client.principal]
        return _none_in_force(mine, "joined", "gone", view.time, slack)

    def _service_ended(self, view: View, slack: int) -> bool | None:
        rows, client = self._context.rows("services"), view.client

        def by(name: str) -> list[Mapping[str, Any]]:
            return [row for row in rows if row.get(name) is not None and row[name] == getattr(client, name)]

        mine = by("principal") or by("key")
        if not mine and client.principal is None and client.key is None:
            mine = by("address") or by("network")
        return _none_in_force(mine, "since", "until", view.time, slack)

    @cached_property
    def _own(self) -> Mapping[str, set[str]]:
        """Which customers each member of staff is, from whichever table says so."""
        found: dict[str, set[str]] = defaultdict(set)
        for table in ("staff", "subjects"):
            for row in self._context.rows(table):
                if row.get("staff") is not None and row.get("subject") is not None:
                    found[row["staff"]].add(row["subject"])
        return found

    @cached_property
    def _colleagues(self) -> set[str]:
        return set().union(*self._own.values())

    @cached_property
    def _workers(self) -> set[str]:
        return {row["staff"] for row in self._context.rows("staff")}

    def _own_record(self, view: View) -> bool | None:
        mine = self._own.get(view.client.principal or "")
        return None if mine is None or view.person is None else view.person in mine

    def _colleague(self, view: View) -> bool | None:
        agent = view.client.principal
        if agent is None or agent not in self._workers | set(self._own) or view.person is None:
            return None
        return view.person in self._colleagues and view.person not in self._own.get(agent, ())

    def _public_figure(self, view: View) -> bool | None:
        if view.client.principal not in self._workers or view.person is None:
            return None
        return any(
            row["subject"] == view.person and row.get("public") == 1 for row in self._context.rows("subjects")
        )

    def _relative(self, view: View) -> bool | None:
        own = self._own.get(view.client.principal or "", set())
        homes = self._explain.homes
        mine = [person for person in own if person in homes]
        if not mine or view.person is None:
            return None
        if view.person in own or view.person not in homes:
            return False
        small = Counter(homes.values())[homes[view.person]] <= SMALL_HOME
        return any(
            homes[person] == homes[view.person]
            and (
                small
                or (
                    self._families.get(person) is not None
                    and self._families.get(person) == self._families.get(view.person)
                )
            )
            for person in mine
        )

    @cached_property
    def _families(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for row in self._context.rows("subjects"):
            if row.get("family") is not None and row.get("home") is not None:
                found[row["subject"]] = min(found.get(row["subject"], row["family"]), row["family"])
        return found

    # From visits.

    def _hollow(self, view: View) -> bool | None:
        visit = self._visits.of_pass(view)
        return visit.hollow if visit is not None else None

    def _nothing_else(self, view: View) -> bool | None:
        visit = self._visits.of(view)
        return None if visit.hollow and self._visits.of_week(view).lines > LITTLE else visit.hollow

    # From devices.

    def _second_device(self, view: View) -> bool | Told | None:
        """As of the day of the view, from that day and the 30 before it. It may be told later, on a day on which a device comes that was
        not there before, up to 30 days after the view."""
        client = view.client
        if client.passes is None or client.agent is None or client.network is None:
            return None
        uses = self._uses[client.passes]
        first = day_of(view.time)
        told = self._second_of(view, _of_days(uses, first - SECOND_DEVICE_DAYS, first))
        if told:
            known = _others_at(view, _of_days(uses, first - SECOND_DEVICE_DAYS, first))
            return Told(bears=True, known=max(view.time, known))
        for day in sorted(
            {day_of(each.time) for each in uses} & set(range(first + 1, first + SECOND_DEVICE_DAYS + 1))
        ):
            recent = _of_days(uses, day - SECOND_DEVICE_DAYS, day)
            known = max(_others_at(view, recent), _new_on(day, recent))
            if self._second_of(view, recent) and day_of(known) == day:
                return Told(bears=True, known=known)
        return told

    @cached_property
    def _uses(self) -> Mapping[tuple[str, str] | None, list[View | Request]]:
        found: dict[tuple[str, str] | None, list[View | Request]] = defaultdict(list)
        for each in (*self._log.views, *self._log.others):
            found[each.client.passes].append(each)
        return {key: sorted(rows, key=lambda row: row.order) for key, rows in found.items()}

    def _second_of(self, view: View, uses: Sequence[View | Request]) -> bool | None:
        whole = [each for each in uses if each.client.agent is not None and each.client.network is not None]
        shared = _shared(uses)
        issued = self._issued_in(view)
        if issued:
            return shared and view.client.network not in issued
        visits: dict[str | None, bool] = defaultdict(
            bool
        )  # by agent, whether it did anything but read people
        networks: dict[str | None, set[str | None]] = defaultdict(set)
        for each in whole:
            visits[each.client.agent] |= isinstance(each, Request)
            networks[each.client.agent].add(each.client.network)
        if shared and any(visits.values()) and not all(visits.values()):
            homes = set().union(*(networks[agent] for agent, did in visits.items() if did))
            return not visits[view.client.agent] and view.client.network not in homes
        use = next(each for each in uses if isinstance(each, View)).client
        if use.agent is None or use.network is None:
            return None if len({each.client.sent for each in uses}) > 1 else False
        return shared and view.client.agent != use.agent and view.client.network != use.network

    def _issued_in(self, view: View) -> set[str]:
        """The networks from which the view's pass was issued, as far as the log knows them."""
        kind, text = view.client.passes or ("", "")
        logins = self._logins_by_pass.get((kind, text), ())
        return {self._networks[each] for each in logins if each in self._networks}

    @cached_property
    def _logins_by_pass(self) -> Mapping[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in self._context.rows("logins"):
            key = _pass_of(row)
            if key is not None and row.get("address") is not None:
                found[key].append(row["address"])
        return found

    @cached_property
    def _networks(self) -> Mapping[str, str]:
        return {
            each.address: each.network for each in self._log.clients
            if each.address is not None and each.network is not None
        }  # fmt: skip

    # From requests that failed around a view.

    def _missed(self, each: Request) -> bool:
        """Whether somebody asked for a person whom nobody had seen by the end of the next day (in hindsight: of the hindsight), and
        was told that there is none."""
        if each.person is None or each.status not in FAILED:
            return False
        day = day_of(each.time)
        until = max(day + 1, self._hindsight_ends) if day <= self._hindsight_ends else day + 1
        return self._first_seen.get(each.person, (until + 1) * DAY) >= (until + 1) * DAY

    @cached_property
    def _first_seen(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for view in self._log.views:
            if view.person is not None:
                found.setdefault(view.person, view.time)
        return found

    @cached_property
    def _hindsight_ends(self) -> int:
        """The last of the first 28 days on which anybody was seen."""
        days = sorted({day_of(view.time) for view in self._log.views})
        return days[min(KNOWN, len(days)) - 1] if days else -1

    @cached_property
    def _seen_by_hour(self) -> Mapping[tuple[str | None, str | None, int], set[str]]:
        found: dict[tuple[str | None, str | None, int], set[str]] = defaultdict(set)
        for view in self._log.views:
            if view.person is not None:
                found[view.client.address, view.client.agent, hour_of(view.time)].add(view.person)
        return found

    def _guessed(self, view: View) -> bool | Told | None:
        if view.client.address is None:
            return None
        key = (view.client.address, view.client.agent)
        return self._around(
            view, self._missed_at.get(key, ()), lambda hour: self._seen_by_hour.get((*key, hour), ()), 4
        )

    @cached_property
    def _missed_at(self) -> Mapping[tuple[str | None, str | None], list[tuple[int, str]]]:
        found: dict[tuple[str | None, str | None], list[tuple[int, str]]] = defaultdict(list)
        for each in self._log.tries:
            if self._missed(each) and each.client.address is not None:
                found[each.client.address, each.client.agent].append((each.time, str(each.person)))
        return found

    def _guessed_anywhere(self, view: View) -> bool | Told | None:
        agent = view.client.agent
        if agent is None:
            return None
        if not self._visits.of(view).only_asked:
            return False
        return self._around(
            view, self._missed_by.get(agent, ()), lambda hour: self._seen_by_agent.get((agent, hour), ()), 1
        )

    @cached_property
    def _missed_by(self) -> Mapping[str, list[tuple[int, str]]]:
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for each in self._log.tries:
            if self._missed(each) and each.client.agent is not None:
                found[each.client.agent].append((each.time, str(each.person)))
        return found

    @cached_property
    def _seen_by_agent(self) -> Mapping[tuple[str | None, int], set[str]]:
        found: dict[tuple[str | None, int], set[str]] = defaultdict(set)
        for (_, agent, hour), people in self._seen_by_hour.items():
            found[agent, hour] |= people
        return found

    def _around(
        self, view: View, missed: Sequence[tuple[int, str]], seen: Callable[[int], Iterable[str]], per: int
    ) -> bool | Told:
        """In the hour of a view or one beside it, at least one person was missed for every `per` who were seen."""
        hour = hour_of(view.time)
        first: dict[str, int] = {}
        for time, person in missed:  # in order of time
            if abs(hour_of(time) - hour) <= 1:
                first.setdefault(person, time)
        people = {each for near in (hour - 1, hour, hour + 1) for each in seen(near)}
        return _enough(view, sorted(first.values()), len(people), per)

    def _guessed_by_many(self, view: View) -> bool | Told | None:
        """The same in the hour of the view, the nine before it and the eight after it, by whoever did little that week and, in that visit,
        nothing but ask for people."""
        if view.client.agent is None:
            return None
        if not self._little(view):
            return False
        hour = hour_of(view.time)
        first: dict[str, int] = {}
        for time, person in _between(self._missed_little, hour - BEFORE, hour + AFTER):
            first.setdefault(person, time)
        people = {person for _, person in _between(self._seen_little, hour - BEFORE, hour + AFTER)}
        return _enough(view, sorted(first.values()), len(people), 16)

    def _little(self, row: View | Request) -> bool:
        only_asked = self._visits.of(row).only_asked and row.client.agent is not None
        return only_asked and self._visits.of_week(row).lines <= LITTLE

    @cached_property
    def _missed_little(self) -> list[tuple[int, str]]:
        return [
            (each.time, str(each.person)) for each in self._log.tries
            if self._missed(each) and self._little(each) and self._visits.of_week(each).tries <= LITTLE
        ]  # fmt: skip

    @cached_property
    def _seen_little(self) -> list[tuple[int, str]]:
        return [
            (each.time, each.person)
            for each in self._log.views
            if each.person is not None and self._little(each)
        ]

    def _among_failures(self, view: View) -> bool | Told | None:
        return self._refused(view, lambda people: people + 1)

    def _among_as_many_failures(self, view: View) -> bool | Told | None:
        return self._refused(view, lambda people: max(people, 2))

    def _refused(self, view: View, failures: Callable[[int], int]) -> bool | Told | None:
        """From the same address and agent, in the hour of a view or one beside it, so many requests without a token were refused; and,
        for behind a shared address one who keeps failing is no news, in the 24 hours up to the end of the hour as many as people."""
        client, hour = view.client, hour_of(view.time)
        if client.address is None or view.person is None:
            return None
        key = (client.address, client.agent)

        def seen(first: int, last: int) -> int:
            return len(
                set().union(*(self._seen_by_hour.get((*key, each), ()) for each in range(first, last + 1)))
            )

        refused = self._refused_at.get(key, ())
        near = [time for time in refused if abs(hour_of(time) - hour) <= 1]
        enough = failures(seen(hour - 1, hour + 1))
        of_day = sum(hour - 24 < hour_of(time) <= hour for time in refused)
        if len(near) < max(enough, 2) or max(of_day, len(near)) < seen(hour - 23, hour):
            return False
        return Told(bears=True, known=max(view.time, near[enough - 1]))

    @cached_property
    def _refused_at(self) -> Mapping[tuple[str | None, str | None], list[int]]:
        found: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
        for each in self._log.tries:
            if each.status == 401 and each.client.token is None and each.client.address is not None:
                found[each.client.address, each.client.agent].append(each.time)
        return found


def _pass_of(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """The pass of a login: its token, or its session where it has none."""
    if row.get("token") is not None:
        return ("token", row["token"])
    return ("session", row["session"]) if row.get("session") is not None else None


def _none_in_force(
    rows: Sequence[Mapping[str, Any]], since: str, until: str, time: int, slack: int
) -> bool | None:
    """None where there are no rows."""
    if not rows:
        return None
    return not any(
        (row.get(since) is None or row[since] <= time + slack)
        and (row.get(until) is None or time < row[until] + slack)
        for row in rows
    )


def _of_days(uses: Sequence[View | Request], first: int, last: int) -> list[View | Request]:
    return [each for each in uses if first <= day_of(each.time) <= last]


def _whole(uses: Iterable[View | Request]) -> list[View | Request]:
    """Uses that say with which agent and from which network."""
    return [each for each in uses if each.client.agent is not None and each.client.network is not None]


def _shared(uses: Iterable[View | Request]) -> bool:
    """Whether a pass was used with several agents and from several networks."""
    whole = _whole(uses)
    return min(len({each.client.agent for each in whole}), len({each.client.network for each in whole})) > 1


def _others_at(view: View, uses: Iterable[View | Request]) -> int:
    """When another agent than that of the view had been there, and another network."""
    whole = _whole(uses)
    return (
        max(
            next(each.time for each in whole if each.client.agent != view.client.agent),
            next(each.time for each in whole if each.client.network != view.client.network),
        )
        if _shared(whole)
        else 0
    )


def _new_on(day: int, uses: Iterable[View | Request]) -> int:
    """When the first device came on a day that had not been there before; 0 where none did."""
    seen: set[tuple[str | None, str | None]] = set()
    for each in _whole(uses):
        device = (each.client.agent, each.client.network)
        if device not in seen and day_of(each.time) == day:
            return each.time
        seen.add(device)
    return 0


def _between(rows: Sequence[tuple[int, str]], first: int, last: int) -> Sequence[tuple[int, str]]:
    """Of rows in order of time those of hours from one to another, both in."""
    start = bisect_left(rows, (first * HOUR, ""))
    return rows[start : bisect_left(rows, ((last + 1) * HOUR, ""))]


def _enough(view: View, times: Sequence[int], people: int, per: int) -> bool | Told:
    """Whether one was missed for every `per` people, and from when on."""
    needed = max(-(-people // per), 1)
    return Told(bears=True, known=max(view.time, times[needed - 1])) if len(times) >= needed else False


def why_not(log: Log, need: str) -> bool:
    """Whether a table, or a column of it, cannot be asked. Of several, as in `staff.subject or subjects.staff`, one is enough."""
    if " or " in need:
        return all(why_not(log, each) for each in need.split(" or "))
    table, _, column = need.partition(".")
    rows = log.context.rows(table)
    if not rows or (column and not log.context.says(table, column)):
        return True
    if table == "logins":
        used = {(kind, getattr(each, kind)) for each in log.clients for kind in ("token", "session")}
        return not any(
            (kind, row[kind]) in used
            for row in rows
            for kind in ("token", "session")
            if row.get(kind) is not None
        )
    return False
