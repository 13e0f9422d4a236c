"""One round: the jobs of all steps in the order in which they need one another, on threads, the largest first while they fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, partial
from itertools import groupby
from threading import Lock, Thread, current_thread
from typing import Any

import pyarrow as pa

from whosaw.store.days.months import moves, put_together
from whosaw.store.free_memory import give_back
from whosaw.store.parts import (
    Learnt,
    Part,
    Round,
    end_round,
    forget_facts,
    put_facts,
    put_made,
    put_parts,
    put_tombstones,
    retire_parts,
    unmake,
)
from whosaw.store.sql import end_thread

from .draft import Draft, Drafted
from .elsewhere import Hands, draft_of, make_next
from .fact import Fact
from .inputs import RunsThere
from .keys import rounded
from .moved import keep_sources
from .pieces import Pieces
from .plan import Outcome, Plan
from .state import State, month_of, needs_of
from .step import Span, Step

__all__ = ["RoundRun"]

_MONTHS = 6  # that are made together where they are few rows
_FEW_ROWS = 1 << 19
_FAR = 28  # days before a day that a step reads in hand, or for the few days it is asked about: made month by month, it would read each day twice
_FEW_ROWS_OF_FAR = 1 << 23
_EPOCH = date(1970, 1, 1).toordinal()
_LITTLE = 1 << 14  # rows
_SET = 32  # rows that one weighs that holds a set, where it is asked whether days are made elsewhere
_PATIENCE = 60.0  # seconds that a thread has to end after a fault; it ends at its next statement
_WAIT = 0.5  # seconds
_NO_INPUT = "nothing is left that it was made of"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A step on days that are stale or gone, of one month or of several that are small; without days, on those of all months in their order.
    Or the facts that it asks."""

    step: Step
    place: int  # among the steps
    stale: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    learns: bool = False
    bytes: int = 0
    elsewhere: bool = False


class RoundRun:
    """Brings `state` up to the sources it was given. `known` are the roots of steps that nothing has to be looked up of; `hands` make what they
    take, and threads of this process the rest."""

    def __init__(
        self,
        plan: Plan,
        state: State,
        begun: Round,
        known: Mapping[str, str],
        outcome: Outcome,
        now: datetime,
        hands: Hands | None = None,
    ) -> None:
        self._plan, self._state, self._round = plan, state, begun
        self._known, self._outcome, self._now = known, outcome, now
        self._pieces = Pieces(plan, outcome)
        self._committing, self._learning = Lock(), Lock()
        self._fresh: set[tuple[str, int]] = set()  # facts that were looked at
        self._renewed: set[str] = set()  # sources that are as of the runs of this round
        self._workers: set[Thread] = set()
        self._hands = hands
        self._away: dict[Future[Drafted], tuple[_Job, Draft]] = {}

    def run(self) -> Round:
        """Returns the round as it ended. After a fault the round stays open."""
        give_back()  # what reading and numbering took
        self._drop_steps()
        waiting = list(enumerate(self._plan.steps))
        before = {step.name: self._before(step) for _, step in waiting}
        left: dict[str, int] = {}  # jobs of a step that are not done
        ready: list[_Job] = []
        running: dict[Future[None], _Job] = {}
        entering = self._plan.threads if self._hands is not None else 0  # threads for what was made elsewhere
        pool = ThreadPoolExecutor(self._plan.threads + entering, thread_name_prefix="whosaw-build")
        try:
            while waiting or ready or running or self._away:
                for place, step in list(waiting):
                    if all(left.get(each) == 0 for each in before[step.name]):
                        waiting.remove((place, step))
                        self._renew(step)
                        jobs = self._jobs(step, place)
                        left[step.name] = len(jobs)
                        ready += jobs
                self._start(pool, ready, running)
                under_way: list[Future[Any]] = [*running, *self._away]
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for told in done & self._away.keys():
                    job, draft = self._away.pop(told)
                    running[pool.submit(self._enter, job.step, draft, told.result())] = replace(job, bytes=0)
                for future in done & running.keys():
                    job = running.pop(future)
                    future.result()
                    more = self._of_months(job.step, job.place) if job.learns else []
                    left[job.step.name] += len(more) - 1
                    ready += more
        except BaseException:  # Ctrl-C among them: what runs is ended where it stands
            self._pieces.stop()
            for told in self._away:
                told.cancel()
            pool.shutdown(wait=False, cancel_futures=True)
            for thread in list(self._workers):
                end_thread(thread, _PATIENCE)
            raise
        finally:
            pool.shutdown(wait=True)
        self._plan.around.forget_runs()
        self._put_together()
        self._forget_facts()
        roots = {step.name: self._state.root(step) for step in self._plan.steps}
        ended = end_round(self._plan.journal, self._round, roots=roots, now=self._now)
        sources = {kind: each.digests for kind, each in self._state.sources.items()}
        keep_sources(self._plan.journal, ended.id, sources)
        return ended

    def _start(self, pool: ThreadPoolExecutor, ready: list[_Job], running: dict[Future[None], _Job]) -> None:
        used = sum(job.bytes for job in running.values())
        here = sum(not job.elsewhere for job in running.values())
        for job in sorted(ready, key=lambda job: (-job.bytes, job.place, job.stale, job.gone)):
            if job.elsewhere:
                ready.remove(job)
                self._send(job)
                continue
            fits = not here or used + job.bytes <= self._plan.memory_bytes
            if here < self._plan.threads and fits:
                ready.remove(job)
                running[pool.submit(self._do, job)] = job
                used += job.bytes
                here += 1
        if self._hands is not None:
            self._hands.send()

    # -- what is to be done

    def _before(self, step: Step) -> set[str]:
        """The steps that have to be done before this one."""
        plan = self._plan
        found: set[str] = set()
        makers: list[Step | Fact] = [step, *self._state.facts_of(step)]
        for maker in makers:
            needs = needs_of(maker, plan.keepers, self._state.sources)
            found |= {each for each in needs if isinstance(plan.makers[each], Step)}
        return found - {step.name}

    def _renew(self, step: Step) -> None:
        """The sources that hang on runs, as of the runs there are now."""
        kinds = {read.kind for read in step.reads}
        kinds.update(kind for fact in self._state.facts_of(step) for kind in fact.reads)
        for kind in sorted(kinds & self._state.sources.keys() - self._renewed):
            source = self._state.sources[kind]
            if source.again is not None:
                with self._committing:
                    self._state.renew(source.again(RunsThere(self._plan.around, self._state)))
            self._renewed.add(kind)

    def _jobs(self, step: Step, place: int) -> list[_Job]:
        if self._known.get(step.name) == self._state.root(step):
            return []
        return [_Job(step=step, place=place, learns=True)] if step.facts else self._of_months(step, place)

    def _of_months(self, step: Step, place: int) -> list[_Job]:
        days = self._state.asked_days(step)
        stale, gone = self._state.stale(step, days), self._state.gone(step, days)
        if not stale and not gone:
            return []
        if step.chain:
            need = max((self._need(step, list(of)) for _, of in groupby(stale, month_of)), default=0)
            return [_Job(step=step, place=place, bytes=need)]
        parts: dict[str, tuple[list[int], list[int]]] = {}
        stretches = cache(partial(self._stretch, step))
        for at, some in enumerate((stale, gone)):
            for day in some:
                parts.setdefault(stretches(month_of(day)), ([], []))[at].append(day)
        return [
            _Job(
                step=step,
                place=place,
                stale=tuple(made),
                gone=tuple(went),
                bytes=self._need(step, made),
                elsewhere=self._taken(step, made),
            )
            for _, (made, went) in sorted(parts.items())
        ]

    def _taken(self, step: Step, stale: Sequence[int]) -> bool:
        """Whether it is made elsewhere. Days between those that are stale are read as well, or are few rows."""
        if self._hands is None or not stale:
            return False
        span = Span(stale[0], stale[-1])
        rows = self._state.rows_to_read(step, span)
        rows += sum(
            _SET * self._state.rows_of(each, span) for each in step.reads if self._has_sets(each.kind)
        )
        return self._hands.take(step, rows)

    def _has_sets(self, kind: str) -> bool:
        """Whether a row of a kind holds a set of people, clients or entities, which may be many."""
        known = self._plan.around.kinds.get(kind)
        return known is not None and any(pa.types.is_binary(each.type) for each in known.columns)

    def _need(self, step: Step, stale: Sequence[int]) -> int:
        spans = self._pieces.spans(step, stale, self._state)
        return max((self._pieces.need(step, each, self._state) for each in spans), default=0)

    def _stretch(self, step: Step, month: str) -> str:
        """What is made with this month: all months of its half-year, where they are few rows, or of its year, where the step looks back far;
        else the month by itself. It follows from what there is to read and not from what is stale."""
        year, number = int(month[:4]), int(month[5:])
        if any(read.back >= _FAR and not (read.sifted and read.asks) for read in step.reads):
            whole = Span(date(year, 1, 1).toordinal() - _EPOCH, date(year, 12, 31).toordinal() - _EPOCH)
            if self._state.rows_to_read(step, whole) <= _FEW_ROWS_OF_FAR:
                return f"{year}"
        half = (number - 1) // _MONTHS
        first = date(year, half * _MONTHS + 1, 1).toordinal() - _EPOCH
        last = date(year + half, 1 if half else _MONTHS + 1, 1).toordinal() - 1 - _EPOCH
        few = self._state.rows_to_read(step, Span(first, last)) <= _FEW_ROWS
        return f"{year}-{half * _MONTHS + 1:02}+" if few else month

    # -- doing it

    def _do(self, job: _Job) -> None:
        self._workers.add(current_thread())
        if job.learns:
            self._learn(job.step)
        elif job.stale or job.gone:
            self._make(job.step, list(job.stale), list(job.gone))
        else:
            month = ""
            while later := self._month_after(job.step, month):
                self._make(job.step, *self._touched(self._state, job.step, later))
                month = later
                self._give_back()
        self._give_back()  # else the next job takes its own beside it

    def _give_back(self) -> None:
        """What jobs took and use no longer, unless it was little: asking for it takes as long as a job of a few rows."""
        if self._pieces.rows_read > _LITTLE:
            self._pieces.rows_read = 0
            give_back()

    def _month_after(self, step: Step, month: str) -> str:
        days = self._state.asked_days(step)
        touched = (*self._state.stale(step, days), *self._state.gone(step, days))
        return min((each for day in touched if (each := month_of(day)) > month), default="")

    def _make(self, step: Step, stale: list[int], gone: list[int]) -> None:
        """Make the stale days and commit them in one transaction. Those of a chain are of one month."""
        draft = self._draft(step)
        local = draft.local
        month = month_of(min((*stale, *gone)))
        while stale or gone:
            if gone and (not step.chain or not stale or gone[0] < stale[0]):
                draft.drop(gone[0])
            else:
                make_next(self._pieces, step, stale, local, draft)
            # what a chain kept of a day may have changed what comes next
            touched = self._touched(local, step, month) if step.chain else (stale, gone)
            stale, gone = ([day for day in each if not draft.has(day)] for each in touched)
        self._commit(step, draft)

    def _draft(self, step: Step) -> Draft:
        with self._committing:
            local = self._state.view_of(step)
        return draft_of(self._plan, step, local)

    def _send(self, job: _Job) -> None:
        """Have the stale days of a job made elsewhere."""
        assert self._hands is not None
        draft = self._draft(job.step)
        for day in job.gone:
            draft.drop(day)
        self._away[self._hands.begin(job.step, job.stale, draft.local)] = job, draft

    def _enter(self, step: Step, draft: Draft, told: Drafted) -> None:
        """Commit what was made elsewhere."""
        self._workers.add(current_thread())
        draft.enter(told)
        self._outcome.cut[step.name] += told.cut
        self._commit(step, draft)

    def _touched(self, state: State, step: Step, month: str) -> tuple[list[int], list[int]]:
        """The days of a month on which the step is stale, and those on which it is asked no longer."""
        days = state.asked_days(step)
        gone = [day for day in state.gone(step, days) if month_of(day) == month]
        return state.stale(step, [day for day in days if month_of(day) == month]), gone

    def _commit(self, step: Step, draft: Draft) -> None:
        """Files first, then one transaction that puts them in force, then the state that others see."""
        self._plan.around.settle()
        parts, gone, now_made = draft.parts(), draft.gone, draft.made()
        round_id = self._round.id
        with self._committing:
            changed = [*draft.changed, *((kind, day) for kind, day, _ in draft.went)]
            with self._plan.journal.transaction() as connection:
                for kind, day in changed:
                    if day in self._state.parts[kind]:
                        retire_parts(connection, kind, [day], round_id)
                put_parts(connection, parts, round_id)
                before = self._state.made[step.name]
                unmake(connection, step.name, [*gone, *(each.day for each in now_made if each.day in before)])
                put_made(connection, now_made, round_id)
                put_tombstones(connection, draft.went, why=_NO_INPUT, round_id=round_id, now=self._now)
            now: dict[tuple[str, int], list[Part]] = {}
            for part in parts:
                now.setdefault((part.kind, part.day), []).append(part)
            for kind, day in changed:
                self._state.take(kind, day, now.get((kind, day)))
            made = self._state.made[step.name]
            made.update({each.day: replace(each, read={}, kept={}) for each in now_made})
            for day in gone:
                del made[day]
            self._outcome.made[step.name] += len(now_made)
            self._outcome.same[step.name] += draft.same
            self._outcome.gone[step.name] += len(gone)

    def _drop_steps(self) -> None:
        """What steps made that there are no longer, as of a clause that was taken out, is in force no longer."""
        state, plan = self._state, self._plan
        kinds = {kind: days for kind, days in state.parts.items() if days and kind not in plan.keepers}
        steps = {name: days for name, days in state.made.items() if days and name not in plan.makers}
        if not kinds and not steps:
            return
        with plan.journal.transaction() as connection:
            for kind, days in kinds.items():
                retire_parts(connection, kind, list(days), self._round.id)
            for name, made in steps.items():
                unmake(connection, name, list(made))
        for kind in kinds:
            del state.parts[kind]
        for name in steps:
            del state.made[name]

    def _put_together(self) -> None:
        """Runs of days that are over, month by month in one file: what they hold stays as it is."""
        parts = [each for days in self._state.parts.values() for runs in days.values() for each in runs]
        open_day = max((each.day for each in parts), default=0)
        for runs in moves(parts, open_day):
            kind = runs[0].kind
            moved = put_together(self._plan.around.store, self._plan.around.kinds[kind].columns, runs)
            with self._plan.journal.transaction() as connection:
                retire_parts(connection, kind, [each.day for each in moved], self._round.id)
                put_parts(connection, moved, self._round.id)
            for each in moved:
                self._state.parts[kind][each.day] = [each]

    def _learn(self, step: Step) -> None:
        """The facts that a step asks, as of the days on which it asks them, or may when it was run."""
        with self._learning:
            back = max((each.back for each in step.reads if each.kind in step.keeps), default=0)
            days = sorted({day + on for day in self._state.asked_days(step) for on in range(back + 1)})
            for fact in self._state.facts_of(step):
                have = self._state.facts[fact.name]
                asked = [day for day in days if (fact.name, day) not in self._fresh]
                touched = self._state.touched_facts(fact, asked)
                keys = {day: self._state.learnt_from(fact, day).key for day in touched}
                stale = [day for day in touched if day not in have or have[day].key != keys[day]]
                values = self._values(fact, stale) if stale else {}
                learnt = [
                    Learnt(name=fact.name, day=day, key=keys[day], value=rounded(values[day]))
                    for day in stale
                ]
                if learnt:
                    with self._committing, self._plan.journal.transaction() as connection:
                        put_facts(connection, learnt, self._round.id, there=have.keys())
                if self._state.moved is not None:
                    others = {
                        each.day
                        for each in learnt
                        if each.day not in have or have[each.day].value != each.value
                    }
                    self._state.moved.facts[fact.name] |= others
                have.update({each.day: each for each in learnt})
                self._outcome.learnt[fact.name] += len(learnt)
                self._fresh.update((fact.name, day) for day in asked)

    def _values(self, fact: Fact, days: Sequence[int]) -> Mapping[int, Any]:
        """The fact as of these days, learnt here or elsewhere."""
        state, hands = self._state, self._hands
        of_runs = not any(kind in state.sources for kind in fact.reads)
        if hands is not None and of_runs:
            wanted = state.days_of(fact, days)
            rows = sum(
                (_SET if self._has_sets(kind) else 1) * state.rows(kind, day)
                for kind in fact.reads
                for day in wanted
            )
            if hands.take_fact(fact, rows):
                told = hands.learn(fact, days, state)
                hands.send()
                while not told.done():  # in short waits, for a thread is ended at its next statement
                    wait([told], timeout=_WAIT)
                return told.result()
        return self._pieces.values(fact, days, state)

    def _forget_facts(self) -> None:
        """What facts were as of days on which nobody asks them any more, where they would be others now: no later round may take them for
        what they are."""
        for fact in (each for each in self._plan.makers.values() if isinstance(each, Fact)):
            have = self._state.facts[fact.name]
            idle = [day for day in have if (fact.name, day) not in self._fresh]
            old = self._state.touched_facts(fact, idle) if len(idle) < len(have) else []
            if old:
                with self._plan.journal.transaction() as connection:
                    forget_facts(connection, fact.name, old)
                for day in old:
                    del have[day]
