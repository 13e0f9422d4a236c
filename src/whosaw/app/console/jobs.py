"""Long work that goes on when the browser is closed: asked for in the journal, done one after the other, and taken up again after a restart."""

from __future__ import annotations

import fcntl
import json
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from whosaw.app.cases.listing import list_cases
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.journal import Journal
from whosaw.store.permits import under_permit
from whosaw.store.repositories.cases import check_name
from whosaw.store.repositories.jobs import JobRow, add_job, change_job, job_of, jobs, next_job
from whosaw.store.workspace import journal_of

from .desk import Desk
from .evidence_desk import SEALED
from .gate import Thing, Verb, may

__all__ = ["Job", "JobDesk", "Worker"]

_ASKS: Final[Mapping[str, Verb]] = {"scan": Verb.START_SCAN, "scope": Verb.COUNT_CASE, "seal": Verb.SEAL}
_LATER: Final = (
    "whosaw.app.asking.own_use",
    "whosaw.app.picturing.pictures",
    "whosaw.app.status",
    "whosaw.app.law.duties",
    "whosaw.app.law.decisions",
    "whosaw.app.law.filing",
    "whosaw.app.law.notices",
    "whosaw.app.law.notice_check",
)
_LOOKS_EVERY: Final = 5.0  # seconds
_STEPS: Final = 1 << 22  # unpacked bytes between two words on how far a scan is


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work as people are told of it. `part` is how much of it is done, where that can be told; `leads` where its result is."""

    number: int
    kind: str
    about: str
    by: str
    state: str
    made: datetime
    begun: datetime | None
    ended: datetime | None
    stage: str
    part: float | None
    leads: str
    fault: str

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDesk(Desk):
    """Asks for long work, and how far it is."""

    def jobs(self) -> tuple[Job, ...]:
        """Of the last hundred those that may be seen, the newest first."""
        self._allow_some(Verb.SEE_JOBS, "jobs")
        with self._journal() as journal:
            told = [_told(each) for each in jobs(journal)]
        return tuple(each for each in told if may(self.who, Verb.SEE_JOBS, self._of(each)).allowed)

    def _of(self, job: Job | None) -> Thing:
        """Work, as the gate is asked about it."""
        return self.of_case(job.about) if job is not None and job.about else Thing(name="jobs")

    def job(self, number: int) -> Job:
        """The one of this number."""
        with self._journal() as journal:
            row = job_of(journal, number)
        found = None if row is None else _told(row)
        self.allow(Verb.SEE_JOBS, self._of(found))
        if found is None:
            raise WhosawError("job.unknown", f"there is no work with the number {number}")
        return found

    def scan(self) -> int:
        """Read what is new in the logs that were read before."""
        return self._ask("scan", {})

    def count(self, case: str, findings: tuple[str, ...], indicators: tuple[str, ...], *, every: bool) -> int:
        """Count what an actor saw, as the next version of a case."""
        self.allow(Verb.COUNT_CASE, "scope")  # from any clue, so it is of the whole ledger
        check_name(case)
        before = len(self._versions(case))
        asked = {
            "case": case,
            "findings": findings,
            "indicators": indicators,
            "every": every,
            "before": before,
        }
        return self._ask("scope", asked)

    def seal(self, case: str) -> int:
        """Seal a case into a bundle, without identifiers."""
        self.allow(Verb.SEAL, self.of_case(case))
        if not self._versions(check_name(case)):
            raise WhosawError("case.unknown", f"there is no case {case}")
        name = f"{case}-{self.now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}.evidence"
        return self._ask("seal", {"case": case, "bundle": name})

    def _versions(self, case: str) -> tuple[Any, ...]:
        with self.at_work():
            found = list_cases(self.root, key_file=self.key_file).cases
        return next((each.versions for each in found if each.case == case), ())

    def _ask(self, kind: str, asked: Mapping[str, Any]) -> int:
        who = self.allow(_ASKS[kind], self.of_case(asked["case"]) if kind == "seal" else kind)
        with self._journal() as journal, journal.transaction() as connection:
            number = add_job(
                connection, kind=kind, asked=json.dumps(asked), who=who.name, made=to_micros(self.now)
            )
            body = {"job": number, "kind": kind, "case": asked.get("case"), "by": who.name}
            journal.record(connection, "job.asked", body, now=self.now)
        return number


class Worker:
    """Does what was asked for on a thread of its own. `wake` it when there is something new."""

    def __init__(self, root: Path, *, now: Callable[[], datetime], key_file: Path | None = None) -> None:
        self._root, self._now, self._key_file = root, now, key_file
        self._awake, self.ended = Event(), False
        self._thread = Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier one left."""
        self._awake.set()
        self._thread.start()

    def wake(self) -> None:
        self._awake.set()

    def stop(self) -> None:
        """Take up nothing more, and leave what is being done at its next word on how far it is; the next start takes it up again."""
        self.ended = True
        self._awake.set()

    @property
    def works(self) -> bool:
        """Whether its thread is there to do what is asked for."""
        return self._thread.is_alive() and not self.ended

    def join(self) -> None:
        """Wait for the end of what is being done."""
        self._thread.join()

    def _run(self) -> None:
        load_pages()  # here, so that whoever comes first need not wait for it, nor the start of the console
        while not self.ended:
            self._awake.wait(_LOOKS_EVERY)  # another console of this workspace may have been asked
            self._awake.clear()
            with suppress(WhosawError):  # the journal cannot be read now; it is asked again
                while self.one():
                    pass

    def one(self) -> bool:
        """Do the next piece of work; whether there was one. Nothing where it was stopped, or while another console is at work here."""
        if self.ended:
            return False
        with open(self._root / "jobs.lock", "a", encoding="ascii") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            with closing(journal_of(self._root, unasked=True)) as journal:
                return self._next(journal)

    def _next(self, journal: Journal) -> bool:
        """The lock is held, so what is said to run was left by a console that was killed."""
        with journal.transaction() as connection:
            row = next_job(journal, connection)
            if row is None:
                return False
            change_job(connection, row.id, state="runs", begun=to_micros(self._now()))
        state, answer = "failed", ""
        try:
            with under_permit(self._root, f"console:{row.who}"):  # they were asked when the work was
                answer = self._do(row, _Told(journal, row.id, self), again=row.state == "runs")
            state = "done"
        except _StoppedError:
            return False
        except WhosawError as fault:
            answer = str(fault)
        except Exception as fault:  # noqa: BLE001  # one fault of the program must not end all later work
            sys.stderr.write("".join(traceback.format_exception(fault)))
            answer = "something went wrong in whosaw itself; the terminal that runs `whosaw serve` says what"
        with journal.transaction() as connection:
            change_job(connection, row.id, state=state, answer=answer, ended=to_micros(self._now()))
        return True

    def _do(self, row: JobRow, told: _Told, *, again: bool) -> str:
        """The work itself; where its result stands. `again`: it was begun before, and may have come to its end unseen."""
        asked = json.loads(row.asked)
        if row.kind == "scan":
            return self._scan(told)
        if row.kind == "seal":
            return self._seal(asked, told)
        return self._count(asked, told, again=again)

    def _scan(self, told: _Told) -> str:
        from whosaw.app.read_as import read_as
        from whosaw.app.scan import scan  # readers of every format come with it

        with closing(journal_of(self._root, unasked=True)) as journal:
            last = read_as(journal)
        report = scan(
            last.paths,
            self._root,
            now=self._now(),
            project=last.project,
            format_name=last.format_name,
            zone=last.zone,
            map_path=last.map_path,
            context=last.context,
            own_formats=last.own_formats,
            sources=last.sources,
            quiet=last.quiet,
            key_file=self._key_file,
            progress=told,
        )
        told.stage("")
        return "/findings" if report.findings else "/"

    def _count(self, asked: Mapping[str, Any], told: _Told, *, again: bool) -> str:
        from whosaw.app.cases.making import make_version  # all of detection comes with it

        case = asked["case"]
        versions = next(
            (
                each.versions
                for each in list_cases(self._root, key_file=self._key_file).cases
                if each.case == case
            ),
            (),
        )
        if not again or len(versions) <= asked["before"]:
            told.stage("counting what the actor saw")
            make_version(
                self._root,
                case,
                findings=asked["findings"],
                indicators=asked["indicators"],
                every=asked["every"],
                now=self._now(),
                key_file=self._key_file,
            )
        return f"/cases/{case}"

    def _seal(self, asked: Mapping[str, Any], told: _Told) -> str:
        from whosaw.app.evidence.bundle import seal_case

        folder = self._root / SEALED
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / asked["bundle"]
        if not path.exists():  # else it was written, and the word of it was not
            told.stage("sealing")
            seal_case(
                self._root,
                asked["case"],
                path,
                now=self._now(),
                salt=secrets.token_bytes(32),
                key_file=self._key_file,
            )
        return f"/evidence#{asked['bundle']}"


def load_pages() -> None:
    """Have in memory what the pages need that a console which begins does not."""
    for name in _LATER:
        import_module(name)


class _StoppedError(Exception):
    """The console was stopped, and work with it."""


class _Told:
    """How far a job is, put down where whoever asks can read it."""

    def __init__(self, journal: Journal, number: int, worker: Worker) -> None:
        self._journal, self._number, self._worker = journal, number, worker
        self._total = self._done = self._since = 0
        self._stage = ""

    def begin(self, contents: int, total: int) -> None:  # noqa: ARG002
        self._total = total
        self._put()

    def reading(self, name: str, size: int | None) -> None:  # noqa: ARG002  # as everybody is told who looks at progress
        self._stage = "reading"

    def advance(self, unpacked: int, lines: int) -> None:  # noqa: ARG002
        self._since += unpacked
        if self._since >= _STEPS:
            self._since = 0
            self._put()

    def done(self, size: int | None) -> None:
        self._done += size or 0
        self._put()

    def stage(self, text: str) -> None:
        self._stage = text
        self._put()

    def _put(self) -> None:
        if self._worker.ended:
            raise _StoppedError
        told = {"stage": self._stage, "part": min(1.0, self._done / self._total) if self._total else None}
        with self._journal.transaction() as connection:
            change_job(connection, self._number, told=json.dumps(told))


def _told(row: JobRow) -> Job:
    asked, told = json.loads(row.asked), json.loads(row.told)
    return Job(
        number=row.id,
        kind=row.kind,
        about=asked.get("case", ""),
        by=row.who,
        state=row.state,
        made=from_micros(row.made),
        begun=None if row.begun is None else from_micros(row.begun),
        ended=None if row.ended is None else from_micros(row.ended),
        stage=told.get("stage", ""),
        part=told.get("part"),
        leads=row.answer if row.state == "done" else "",
        fault=row.answer if row.state == "failed" else "",
    )
