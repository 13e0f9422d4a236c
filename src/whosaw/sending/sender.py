"""Sends what is released: each attempt is on disk before its data leaves, each reply after. Several connections share one flush of the disk,
and one that is fast puts down a few attempts ahead: as many as leave within a fiftieth of a second, so that a run that is cut short leaves no
more than these unknown.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from whosaw.core.instants import from_micros, to_micros
from whosaw.store.sending.sending_store import (
    BOUNCED,
    DEFERRED,
    UNDELIVERABLE,
    Job,
    Outcome,
    SendingStore,
)

from .pace import GIVE_UP, Pace, Quiet, again_after
from .smtp import Answer, ServerAwayError

__all__ = ["AHEAD", "Clock", "Envelope", "Line", "Ran", "Sender", "StopRule", "SystemClock"]

_MICRO: Final = 1_000_000
_LONGEST_ASKED: Final = 24 * 60 * 60  # seconds that a server may ask to wait
_LEASE: Final = 256  # recipients that are leased together at first, then about as many as leave in a second
_MOST_LEASED: Final = 4_096
AHEAD: Final = 8
"""Attempts that one connection puts on disk together, at most, before the first of them leaves."""
_AHEAD_SECONDS: Final = 0.02
_AWAY: Final = (5, 15, 60, 300)  # seconds between attempts at a server that is away


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """That of the machine."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Line(Protocol):
    """One connection to whatever takes messages. `begin` names sender and recipient, `deliver` lets the data leave."""

    async def begin(self, sender: str, to: str) -> Answer | None: ...

    async def deliver(self, data: bytes) -> Answer: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message that is ready to leave. `domain` is the receiving one; `fault` says why nothing can leave at all."""

    sender: str = ""
    to: str = field(default="", repr=False)
    domain: str = ""
    zone: ZoneInfo | None = None
    data: Callable[[], bytes] | None = field(default=None, repr=False)
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """When a sending stops by itself: once more than `share` of the last `among` answers are refusals for good, and `least` of them at least."""

    share: float = 0.05
    among: int = 500
    least: int = 20


@dataclass(slots=True, kw_only=True)
class Ran:
    """What one run did. `until` is when the next recipient is due (microseconds), where it ended before that; `stopped` is why it stopped
    by itself, `away` why the server took nothing."""

    handed: int = 0
    states: dict[str, int] = field(default_factory=dict)
    put_off: int = 0
    recovered: tuple[int, int] = (0, 0)
    until: int | None = None
    stopped: str = ""
    away: str = ""


class Sender:
    """Sends the recipients of one sending by one channel. `envelope` makes the message of a job; it may read files."""

    def __init__(
        self,
        store: SendingStore,
        sending: int,
        channel: str,
        *,
        envelope: Callable[[Job], Envelope],
        lines: Sequence[Line],
        clock: Clock,
        pace: Pace | None = None,
        quiet: Quiet | None = None,
        stop: StopRule | None = None,
        wait: bool = True,
        told: Callable[[Ran], None] = lambda _: None,
    ) -> None:
        self._store, self._sending, self._channel = store, sending, channel
        self._envelope, self._lines, self._clock = envelope, lines, clock
        self._pace, self._quiet, self._stop = pace or Pace(), quiet, stop or StopRule()
        self._wait, self._told = wait, told
        self._commits = _Commits(store, sending, clock)
        self._recent: deque[bool] = deque(maxlen=self._stop.among)
        self._of_recent = 0
        self._away = 0  # how often in a row the server took nothing
        self._ending = False
        self.ran = Ran()

    async def run(self) -> Ran:
        """Send until nothing released is left (with `wait`: also what is put off), the stop rule holds, or the server stays away."""
        self.ran.recovered = self._store.recover(self._sending, now=self._now())
        committing = asyncio.create_task(self._commits.run())
        most = _LEASE
        try:
            while not self._ending:
                began = time.perf_counter()
                jobs = await self._commits.lease(self._channel, most)
                if jobs:
                    await self._send_all(jobs)
                    self._told(self.ran)
                    most = (
                        min(2 * most, _MOST_LEASED)
                        if time.perf_counter() - began < 1
                        else max(most // 2, _LEASE)
                    )
                elif not await self._wait_for_due():
                    break
        finally:
            for line in self._lines:
                await line.close()
            await self._commits.end()
            await committing
        return self.ran

    def _now(self) -> int:
        return to_micros(self._clock.now())

    async def _wait_for_due(self) -> bool:
        """Whether to go on, after it was waited for the next recipient that was put off."""
        due = self._store.next_due(self._sending, self._channel)
        if due is None or not self._wait:
            self.ran.until = due
            return False
        await self._clock.sleep(max(0.0, (due - self._now()) / _MICRO))
        return True

    async def _send_all(self, jobs: Sequence[Job]) -> None:
        """Deal jobs out to the connections; what none took is planned again."""
        waiting = deque(jobs)
        done = await asyncio.gather(
            *(self._work(line, waiting) for line in self._lines), return_exceptions=True
        )
        if waiting:
            await self._commits.put_off([(job, self._now()) for job in waiting])
        for each in done:
            if isinstance(each, BaseException):
                raise each

    async def _work(self, line: Line, waiting: deque[Job]) -> None:
        last: asyncio.Future[None] | None = None
        speed = _Speed()
        ready: deque[tuple[Job, Envelope]] = deque()
        while waiting and not self._ending:
            try:
                while waiting and len(ready) < speed.ahead:
                    last = await self._make_ready(waiting.popleft(), ready) or last
                ahead = len(ready) > 1
                if ahead:
                    await self._commits.handed([job for job, _ in ready])
                while ready and not self._ending:
                    job, envelope = ready.popleft()
                    began = time.perf_counter()
                    last = await self._one(line, job, envelope, ready, handed=ahead) or last
                    speed.took(time.perf_counter() - began)
            except BaseException:
                # before the data left nothing is on disk but the lease; after it the attempt is, and ends as unknown
                self._ending = True
                raise
            finally:
                waiting.extendleft(job for job, _ in reversed(ready))  # none of these left
                ready.clear()
        if last is not None:
            await last

    async def _make_ready(self, job: Job, ready: deque[tuple[Job, Envelope]]) -> asyncio.Future[None] | None:
        """Put a job behind those that are ready, where its message can go now."""
        envelope = self._envelope(job)
        if envelope.fault:
            return self._commits.ended(Outcome(job=job, state=UNDELIVERABLE, reply=envelope.fault))
        until = self._not_before(job, envelope)
        if until is not None:
            self.ran.put_off += 1
            await self._commits.put_off([(job, until)])
            return None
        ready.append((job, envelope))
        return None

    async def _one(
        self, line: Line, job: Job, envelope: Envelope, behind: deque[tuple[Job, Envelope]], *, handed: bool
    ) -> asyncio.Future[None] | None:
        try:
            answer = await line.begin(envelope.sender, envelope.to)
        except ServerAwayError as fault:
            now = self._now()
            await self._commits.put_off([(job, now), *((each, now) for each, _ in behind)])
            behind.clear()
            await self._server_away(str(fault))
            return None
        self._away = 0
        if answer is None:
            assert envelope.data is not None
            if not handed:
                await self._commits.handed([job])
            self.ran.handed += 1
            answer = await line.deliver(envelope.data())
        return await self._answered(job, envelope, answer)

    def _not_before(self, job: Job, envelope: Envelope) -> int | None:
        now = self._now()
        if self._quiet is not None and envelope.zone is not None:
            ends = self._quiet.until(from_micros(now), envelope.zone)
            if ends is not None:
                return to_micros(ends)
        return self._pace.turn((job.part, job.row), envelope.domain, now)

    async def _answered(self, job: Job, envelope: Envelope, answer: Answer) -> asyncio.Future[None]:
        now = self._now()
        outcome = Outcome(job=job, state=answer.state, code=answer.code, reply=answer.reply)
        if answer.state == DEFERRED:
            before, first = self._store.tries(self._sending, job)
            if first is not None and now - first >= GIVE_UP * _MICRO:
                outcome = Outcome(job=job, state=UNDELIVERABLE, code=answer.code, reply=answer.reply)
            else:
                again = now + max(again_after(before + 1), min(answer.after or 0, _LONGEST_ASKED)) * _MICRO
                outcome = Outcome(job=job, state=DEFERRED, code=answer.code, reply=answer.reply, next=again)
        self._pace.answered(envelope.domain, later=answer.state == DEFERRED, now=now)
        self.ran.states[outcome.state] = self.ran.states.get(outcome.state, 0) + 1
        written = self._commits.ended(outcome)
        refused = self._refused(last=answer.state == BOUNCED)
        if refused >= self._stop.least and refused > self._stop.share * len(self._recent):
            self._ending = True
            self.ran.stopped = f"{refused} of the last {len(self._recent)} answers were refusals for good"
            await written
            await self._commits.stop(self.ran.stopped)
        return written

    def _refused(self, *, last: bool) -> int:
        """How many of the last answers were refusals for good, the very last among them."""
        if len(self._recent) == self._stop.among:
            self._of_recent -= self._recent[0]
        self._recent.append(last)
        self._of_recent += last
        return self._of_recent

    async def _server_away(self, why: str) -> None:
        pause = _AWAY[min(self._away, len(_AWAY) - 1)]
        self._away += 1
        if not self._wait:
            self._ending = True
            self.ran.away = why
            return
        self.ran.away = why
        self._told(self.ran)
        await self._clock.sleep(pause)
        self.ran.away = ""


class _Speed:
    """How many messages of one connection leave within a fiftieth of a second, by the last of them."""

    def __init__(self) -> None:
        self._each = 1.0
        self.ahead = 1

    def took(self, seconds: float) -> None:
        self._each += (seconds - self._each) / 4
        self.ahead = min(AHEAD, max(1, int(_AHEAD_SECONDS / max(self._each, 1e-6))))


class _Commits:
    """Gathers what several connections want on disk, and writes it in one transaction after another."""

    def __init__(self, store: SendingStore, sending: int, clock: Clock) -> None:
        self._store, self._sending, self._clock = store, sending, clock
        self._handed: list[Job] = []
        self._outcomes: list[Outcome] = []
        self._put_off: list[tuple[Job, int]] = []
        self._written: asyncio.Future[None] | None = None
        self._wake = asyncio.Event()
        self._store_free = asyncio.Lock()
        self._ending = False

    async def lease(self, channel: str, most: int) -> list[Job]:
        async with self._store_free:
            return self._store.lease(self._sending, channel, now=to_micros(self._clock.now()), most=most)

    async def handed(self, jobs: Sequence[Job]) -> None:
        """Returns when it is on disk that the data of these jobs is about to leave."""
        self._handed += jobs
        await self._next()

    def ended(self, outcome: Outcome) -> asyncio.Future[None]:
        """Done when the outcome is on disk."""
        self._outcomes.append(outcome)
        return self._next()

    async def stop(self, why: str) -> None:
        async with self._store_free:
            self._store.stop(self._sending, why)

    async def put_off(self, jobs: Sequence[tuple[Job, int]]) -> None:
        """Returns when it is on disk that these are planned again, for these times."""
        self._put_off += jobs
        await self._next()

    async def end(self) -> None:
        """Write what is left, and end."""
        self._ending = True
        self._wake.set()

    def _next(self) -> asyncio.Future[None]:
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        self._wake.set()
        return self._written

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            async with self._store_free:
                await self._write()
            if self._ending and self._written is None:
                return

    async def _write(self) -> None:
        written = self._written
        if written is None:
            return
        handed, outcomes, put_off = self._handed, self._outcomes, self._put_off
        self._handed, self._outcomes, self._put_off, self._written = [], [], [], None
        now = to_micros(self._clock.now())
        try:
            self._store.prepare(self._sending, handed=handed, outcomes=outcomes, put_off=put_off, now=now)
            # the disk alone is waited for elsewhere: two threads of Python take turns at a hundredth of this pace
            await asyncio.to_thread(self._store.flush)
        except BaseException as fault:  # noqa: BLE001  # whoever waits for it has to know
            if not written.done():
                written.set_exception(fault)
                written.exception()  # it may be that nobody waits
        else:
            if not written.done():
                written.set_result(None)
