"""What is to be told to whom: offered once, kept until a sink has taken it, and sent by one thread per sink."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log10

from whosaw.core.document import document
from whosaw.core.finding import Finding
from whosaw.core.instants import from_micros, to_micros
from whosaw.core.stored_finding import finding_of
from whosaw.store.journal import Connection, Journal
from whosaw.store.repositories.alerts import (
    AlertRow,
    add_alert,
    add_names,
    due_alerts,
    join_threads,
    mark_alert,
    next_attempt,
    numbers_by_state,
    oldest_thread,
    reached,
    threads,
)

from .message import Alert, Sink, SinkDownError, key_of

__all__ = ["Outbox", "Sender", "names_of", "step_of"]

_FIRST_PAUSE, _LONGEST_PAUSE = 1_000_000, 300_000_000  # microseconds between attempts at a sink that is down
_AT_ONCE = 50  # alerts of one sink that are taken from the table together


def names_of(finding: Finding) -> list[str]:
    """Every id that the party of a finding was told under: that of the finding first."""
    return list(dict.fromkeys([finding.id, *finding.parts]))


def step_of(finding: Finding) -> int:
    """The power of ten that the number of persons (lower bound) has reached."""
    persons = finding.persons.lower
    return int(log10(persons) + 1e-12) if persons else 0


class Outbox:
    """The table of alerts by sink. Only the one who holds the workspace for writing offers; senders change their own rows.

    A party is told of once, and again when the number of its persons has reached a higher power of ten, or when another one
    that was told of turns out to be part of it.
    """

    def __init__(self, journal: Journal, sinks: Sequence[str]) -> None:
        self._journal = journal
        self._sinks = tuple(sinks)
        self._thread: dict[str, str] = {}
        self._told: dict[tuple[str, str], int] = {}
        self._joinings: dict[tuple[str, str], int] = {}
        self._load()

    def _load(self) -> None:
        with self._journal.transaction() as connection:
            self._thread = threads(self._journal, connection)
            rows = reached(self._journal, connection)
        self._told = {}
        self._joinings = {(row.sink, row.thread): row.joinings for row in rows}
        for row in rows:
            key = (row.sink, self._thread.get(row.thread, row.thread))
            self._told[key] = max(self._told.get(key, -1), row.step)

    def is_known(self, finding: Finding) -> bool:
        """Whether its party was told of under any name."""
        return any(name in self._thread for name in names_of(finding))

    def has_news(self, finding: Finding) -> bool:
        """Whether any sink would be told of it now."""
        threads = [self._thread[name] for name in names_of(finding) if name in self._thread]
        step = step_of(finding)
        return any(
            all(self._told.get((sink, thread), -1) < step for thread in threads) for sink in self._sinks
        )

    def offer(
        self,
        findings: Iterable[Finding],
        *,
        now: datetime,
        also: dict[str, str],
        same: Mapping[str, Sequence[str]] | None = None,
    ) -> int:
        """Put down what is news, for every sink, and set the settings `also`, in one transaction.

        `same` says of findings, by id, which other ids are the same party's. Returns how many parties there was news of.
        """
        told = 0
        try:
            with self._journal.transaction() as connection:
                made = []
                for finding in sorted(findings, key=lambda each: each.id):
                    names = [*names_of(finding), *(same or {}).get(finding.id, ())]
                    key = self._offer_one(connection, finding, names, to_micros(now))
                    made += [key] if key is not None else []
                if made:
                    body = {"alerts": made, "sinks": list(self._sinks)}
                    self._journal.record(connection, "alerts", body, now=now)
                    told = len(made)
                for name, value in also.items():
                    self._journal.set_setting(connection, name, value)
        except BaseException:
            self._load()  # nothing of it was stored
            raise
        return told

    def _offer_one(
        self, connection: Connection, finding: Finding, names: Sequence[str], now: int
    ) -> str | None:
        thread, joined = self._join(connection, names)
        step = step_of(finding)
        made = None
        for sink in self._sinks:
            before = self._told.get((sink, thread), -1)
            others = joined.get(sink, [])
            if before >= step and not others:
                continue
            joining = 1 + self._joinings.get((sink, thread), 0) if others else 0
            body = {"news": "new" if before < 0 else "update", "joined": others, "finding": document(finding)}
            add_alert(
                connection,
                AlertRow(
                    sink=sink, thread=thread, step=max(step, before), joining=joining, made=now,
                    body=json.dumps(body, sort_keys=True, ensure_ascii=False),
                    state="waiting", attempts=0, next=now,
                ),
            )  # fmt: skip
            self._told[sink, thread] = max(step, before)
            if others:
                self._joinings[sink, thread] = joining
            made = key_of(thread, max(step, before), joining)
        return made

    def _join(self, connection: Connection, names: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
        """The thread of a party with these names: its oldest one, into which the others go, or a new one; and by sink, which
        others it was told of that are part of it from now on."""
        known = list(dict.fromkeys(self._thread[name] for name in names if name in self._thread))
        thread = self._oldest(connection, known) if known else names[0]
        joined: dict[str, list[str]] = {}
        for other in known:
            if other == thread:
                continue
            join_threads(connection, other, thread)
            self._thread = {name: thread if each == other else each for name, each in self._thread.items()}
            for sink in self._sinks:
                told = self._told.pop((sink, other), -1)
                if told >= 0 and (sink, thread) in self._told:
                    joined.setdefault(sink, []).append(other)
                if told > self._told.get((sink, thread), -1):
                    self._told[sink, thread] = told
        new = [name for name in names if name not in self._thread]
        if new:
            add_names(connection, new, thread)
            self._thread.update(dict.fromkeys(new, thread))
        return thread, {sink: sorted(others) for sink, others in joined.items()}

    def _oldest(self, connection: Connection, threads: Sequence[str]) -> str:
        if len(threads) == 1:
            return threads[0]
        return oldest_thread(connection, threads) or min(threads)

    def states(self) -> dict[str, dict[str, int]]:
        """By sink: how many alerts are waiting (those being sent included), and how many it took."""
        found = {sink: {"waiting": 0, "sent": 0} for sink in self._sinks}
        for sink, state, number in numbers_by_state(self._journal):
            if sink in found:
                found[sink]["sent" if state == "sent" else "waiting"] += number
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    row: AlertRow
    perhaps_sent: bool


class Sender(threading.Thread):
    """Sends the alerts of one sink, oldest first; what it does not take is tried again later, for as long as it takes.

    A row is marked before it is sent and after. One that a killed run left marked may have arrived: the sink is told so.
    """

    def __init__(
        self,
        journal: Journal,
        sink: Sink,
        *,
        clock: Callable[[], datetime],
        told: Callable[[str], None],
        console: str = "",
    ) -> None:
        super().__init__(name=f"sink {sink.name}", daemon=True)
        self._journal, self._sink, self._clock, self._told = journal, sink, clock, told
        self._console = console
        self._wake = threading.Event()
        self._ending = False
        self._failed = 0
        self._begun: set[str] = set()  # marked by this run, so known not to have arrived
        self.fault: BaseException | None = None

    def poke(self) -> None:
        """There may be something new."""
        self._wake.set()

    def finish(self, timeout: float) -> None:
        """Send what can be sent now, and end."""
        self._ending = True
        self._wake.set()
        self.join(timeout)

    def run(self) -> None:
        try:
            while not (self._ending and not self._wake.is_set()):
                self._wake.clear()
                pause = self.send_due(last=self._ending)
                if not self._ending:
                    self._wake.wait(pause)
        except BaseException as fault:  # noqa: BLE001  # raised again where the rounds are made
            self.fault = fault
        finally:
            self._sink.close()

    def send_due(self, *, last: bool = False) -> float:
        """Send all that is due (`last`: also what was put off); returns how many seconds to wait."""
        while due := self._due(last=last):
            for each in due:
                if not self._send(each):
                    self._failed += 1
                    return _pause(self._failed) / 2e6
                self._failed = 0
        return 60.0 if next_attempt(self._journal, self._sink.name) is None else 1.0

    def _due(self, *, last: bool) -> list[_Due]:
        at = None if last else to_micros(self._clock())
        rows = due_alerts(self._journal, self._sink.name, at=at, most=_AT_ONCE)
        return [
            _Due(
                row=row,
                perhaps_sent=row.state == "sending"
                and key_of(row.thread, row.step, row.joining) not in self._begun,
            )
            for row in rows
        ]

    def _send(self, due: _Due) -> bool:
        row, alert = due.row, _alert(due.row, self._console)
        if not due.perhaps_sent:
            self._begun.add(alert.key)
            mark_alert(self._journal, replace(row, state="sending"))
        try:
            self._sink.send(alert, perhaps_sent=due.perhaps_sent)
        except SinkDownError as fault:
            put_off = replace(
                row,
                state=row.state if due.perhaps_sent else "waiting",
                attempts=row.attempts + 1,
                next=to_micros(self._clock()) + _pause(row.attempts),
                fault=str(fault),
            )
            mark_alert(self._journal, put_off)
            if not self._failed:
                self._told(f"{self._sink.name} {fault}; it gets its alerts later")
            return False
        self._begun.discard(alert.key)
        sent = to_micros(self._clock())
        mark_alert(
            self._journal, replace(row, state="sent", sent=sent, attempts=row.attempts + 1, fault=None)
        )
        return True


def _pause(failed: int) -> int:
    """Microseconds until the next attempt after so many that failed."""
    return int(min(_FIRST_PAUSE * 2.0 ** min(failed, 12), _LONGEST_PAUSE))


def _alert(row: AlertRow, console: str) -> Alert:
    body = json.loads(row.body)
    return Alert(
        thread=row.thread,
        step=row.step,
        joining=row.joining,
        joined=tuple(body.get("joined", ())),
        news="new" if body["news"] == "new" else "update",
        made_at=from_micros(row.made),
        finding=finding_of(body["finding"]),
        console=console,
    )
