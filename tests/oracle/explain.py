"""The four rules of explanations, the answer over several, and what counts.

Answers: 0 does not apply, 1 explained, 2 unexplained, 3 cannot tell, 4 unexplained because its pass was never issued.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from .coverage import Coverage, Issue
from .rows import DAY, Log, View, day_of, duration

__all__ = ["ANSWERS", "CANNOT_TELL", "EXPLAINED", "UNEXPLAINED", "Explain", "counts", "over"]

NOT_APPLICABLE, EXPLAINED, UNEXPLAINED, CANNOT_TELL, NEVER = range(5)
ANSWERS = ("does not apply", "explained", "unexplained", "cannot tell", "never issued")
HOUSEHOLD = 8  # more people at one home are a building
MINUTE = 60 * 1_000_000


def over(answers: Iterable[int]) -> int:
    """What several explanations say together."""
    said = set(answers)
    if EXPLAINED in said:
        return EXPLAINED
    if NEVER in said:
        return UNEXPLAINED
    return CANNOT_TELL if CANNOT_TELL in said else UNEXPLAINED


def counts(clause_counts: str, answer: int) -> bool:
    """Whether a view with this answer counts towards a clause."""
    if clause_counts == "any":
        return True
    return answer == UNEXPLAINED if clause_counts == "unexplained" else answer != EXPLAINED


class Explain:
    """What each explanation (an item) says of a view."""

    def __init__(self, log: Log, coverage: Coverage, explanations: Mapping[str, Mapping[str, Any]]) -> None:
        self._log, self._context, self._coverage = log, log.context, coverage
        self._items = explanations
        self._rules: Mapping[str, Callable[[View, int], int]] = {
            "issued-session": self._own_session,
            "same-household": self._household,
            "known-service": self._service,
            "open-ticket": self._ticket,
        }

    def answer(self, name: str, view: View) -> int:
        """The answer of one explanation. A planted person has no session and no ticket: unless the item says so, nothing explains a
        view of one."""
        item = self._items[name]
        answer = self._rules[item["rule"]](view, duration(item["clock_slack"]))
        if answer == EXPLAINED and not item.get("explains_canaries") and view.person in self._planted:
            return UNEXPLAINED
        return answer

    @cached_property
    def _planted(self) -> set[str]:
        return {row["person"] for row in self._context.rows("canaries") if row.get("person") is not None}

    @cached_property
    def not_customers(self) -> set[str]:
        """Principals on record as staff, or as jobs and partners."""
        staff = {row["staff"] for row in self._context.rows("staff")}
        return staff | {
            row["principal"] for row in self._context.rows("services") if row.get("principal") is not None
        }

    def issued(self, view: View) -> list[Issue]:
        """To whom the token and the session of a view were issued."""
        issues = self._coverage.issues
        return [
            each
            for kind in ("token", "session")
            for each in issues.get((kind, getattr(view.client, kind)), ())
        ]

    def _own_session(self, view: View, slack: int) -> int:
        day = day_of(view.time)
        mine = [each for each in self.issued(view) if each.person == view.person]
        if any(each.holds(view.time, slack) for each in mine):
            return EXPLAINED
        if view.client.principal in self.not_customers:
            return NOT_APPLICABLE
        client = view.client
        if not any(
            getattr(client, kind) is not None and self._coverage.matched(kind, day)
            for kind in ("token", "session")
        ):
            return CANNOT_TELL
        if any(
            each.holds(view.time, slack, later) for each in mine for later in self._coverage.logins_later(day)
        ):
            return CANNOT_TELL
        if any((kind, getattr(client, kind)) in self._coverage.known_since for kind in ("token", "session")):
            return CANNOT_TELL if view.person is None else UNEXPLAINED
        return NEVER if self._coverage.issued_on_record(view.time, day) else CANNOT_TELL

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """Where people live, as far as it is on record."""
        found: dict[str, str] = {}
        for row in self._context.rows("subjects"):
            if row.get("home") is not None:
                found[row["subject"]] = min(found.get(row["subject"], row["home"]), row["home"])
        return found

    def _household(self, view: View, slack: int) -> int:
        holders = self._holders(view)
        if not holders or view.person is None or any(each.person == view.person for each in holders):
            return NOT_APPLICABLE
        if "delegations" not in self._context.tables and not self._context.says("subjects", "home"):
            return CANNOT_TELL
        crowded = Counter(self.homes.values())
        home = self.homes.get(view.person)
        for each in (one for one in holders if one.holds(view.time, slack)):
            if home is not None and crowded[home] <= HOUSEHOLD and self.homes.get(each.person) == home:
                return EXPLAINED
            if any(
                row["delegate"] == each.person and row["subject"] == view.person
                and _between(row.get("since"), view.time, row.get("until"), slack)
                for row in self._context.rows("delegations")
            ):  # fmt: skip
                return EXPLAINED
        later = self._coverage.logins_later(day_of(view.time))
        return (
            CANNOT_TELL
            if any(each.holds(view.time, slack, by) for each in holders for by in later)
            else UNEXPLAINED
        )

    def _holders(self, view: View) -> list[Issue]:
        """To whom the pass of a view was issued: the token, or the session where it shows no token."""
        return self._coverage.issues.get(view.client.passes, []) if view.client.passes else []

    def _service(self, view: View, slack: int) -> int:
        if "services" not in self._context.tables:
            return CANNOT_TELL
        jobs = self.service_rows(view)
        if not jobs:
            return NOT_APPLICABLE
        fits = [each for each in jobs if self._at_work(each, view, slack)]
        if any(each.get(name) is not None for each in fits for name in ("address", "network", "key")):
            return EXPLAINED
        return CANNOT_TELL if fits else UNEXPLAINED

    def service_rows(self, view: View) -> list[Mapping[str, Any]]:
        """The rows of services that a view meets: by principal; of those that name none by key; and of those that name neither,
        where the log names nobody, by address, else by network."""
        rows, client = self._context.rows("services"), view.client
        named = [
            each
            for each in rows
            if each.get("principal") is not None and each["principal"] == client.principal
        ]
        bare = [each for each in rows if each.get("principal") is None]
        keyed = [each for each in bare if each.get("key") is not None and each["key"] == client.key]
        if named or keyed or client.principal is not None or client.key is not None:
            return named or keyed
        bare = [each for each in bare if each.get("key") is None]
        called = [
            each for each in bare if each.get("address") is not None and each["address"] == client.address
        ]
        lying = [
            each for each in bare
            if each.get("address") is None and each.get("network") is not None and each["network"] == client.network
        ]  # fmt: skip
        return called or lying

    def _at_work(self, job: Mapping[str, Any], view: View, slack: int) -> bool:
        """Whether the row agrees with a view in all that it says."""
        for name in ("address", "network", "key"):
            if job.get(name) is not None and job[name] != getattr(view.client, name):
                return False
        if job.get("route") is not None and job["route"] != view.route:
            return False
        return _between(job.get("since"), view.time, job.get("until"), slack) and self._in_hours(
            job, view.time, slack
        )

    def _in_hours(self, job: Mapping[str, Any], time: int, slack: int) -> bool:
        """Whether one of its runs was on. A run that ends before it begins goes over midnight and is of the day it began on."""
        if all(job.get(name) is None for name in ("runs_from", "runs_until", "days")):
            return True
        ahead = [by for since, by in self._context.wall if since <= time][-1]
        monday = (time + ahead) // DAY + 3  # 1970 began on a Thursday
        starts = (job.get("runs_from") or 0) * MINUTE
        ends = (1_440 if job.get("runs_until") is None else job["runs_until"]) * MINUTE
        lasts = (ends - starts) % DAY or DAY
        days = 127 if job.get("days") is None else job["days"]
        for back in (-1, 0, 1, 2):  # a run of up to a day, and slack before it
            day = monday - back
            since = (time + ahead) - ((day - 3) * DAY + starts)
            if days >> day % 7 & 1 and -slack <= since < lasts + slack:
                return True
        return False

    def _ticket(self, view: View, slack: int) -> int:
        agent, context, day = view.client.principal, self._context, day_of(view.time)
        if "staff" not in context.tables or agent is None:
            return CANNOT_TELL
        spans = [row for row in context.rows("staff") if row["staff"] == agent]
        if not spans:
            return NOT_APPLICABLE
        jobs = [row for row in spans if _between(row.get("joined"), view.time, row.get("gone"), 0)]
        on_shift, in_role = self._on_shift(agent, view.time, slack), self._in_role(jobs, view)
        if not jobs or on_shift is False or in_role is False:
            return UNEXPLAINED
        if "tickets" not in context.tables or self._coverage.tickets_aside(day) or view.person is None:
            return CANNOT_TELL
        mine = [
            Issue(person=view.person, starts=row["opened"], ends=row.get("closed"))
            for row in self._tickets.get((agent, view.person), ()) if row.get("opened") is not None
        ]  # fmt: skip
        if not any(each.holds(view.time, slack) for each in mine):
            first = self._coverage.first_ticket
            later = self._coverage.tickets_later(day)
            elsewhen = any(each.holds(view.time, slack, by) for each in mine for by in later)
            return CANNOT_TELL if first is None or view.time + slack < first or elsewhen else UNEXPLAINED
        return CANNOT_TELL if on_shift is None or in_role is None else EXPLAINED

    @cached_property
    def _tickets(self) -> Mapping[tuple[str, str], list[Mapping[str, Any]]]:
        found: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for row in self._context.rows("tickets"):
            found[row["agent"], row["subject"]].append(row)
        return found

    def _on_shift(self, agent: str, time: int, slack: int) -> bool | None:
        """None where a rota is given that says nothing of the agent."""
        if "shifts" not in self._context.tables:
            return True
        mine = [row for row in self._context.rows("shifts") if row["staff"] == agent]
        return (
            any(row["starts"] <= time + slack and time < row["ends"] + slack for row in mine)
            if mine
            else None
        )

    def _in_role(self, jobs: Sequence[Mapping[str, Any]], view: View) -> bool | None:
        """None where roles are given and none of the agent is on record."""
        if "roles" not in self._context.tables:
            return True
        mine = {row["role"].strip().lower() for row in jobs if row.get("role") is not None}
        if not mine:
            return None
        return any(
            row["role"].strip().lower() in mine and row.get("route") in (None, view.route)
            for row in self._context.rows("roles")
        )


def _between(since: int | None, time: int, until: int | None, slack: int) -> bool:
    return (since is None or since <= time + slack) and (until is None or time < until + slack)
