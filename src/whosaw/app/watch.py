"""Watch: follow logs, keep the ledger up to date, and tell each finding once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from whosaw.alert import Sink
from whosaw.alert.outbox import Outbox, Sender
from whosaw.app.asking.unended import WATCH_CAUGHT_UP
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.ingest.files.content import CHUNK_BYTES, STDIN, Content
from whosaw.ingest.files.kafka_spool import KafkaSpool, is_kafka, kafka_client, read_topic
from whosaw.ingest.files.sources import keep_rules, read_rules, settle_sources
from whosaw.logs.coverage.quiet_hours import keep_quiet, read_quiet
from whosaw.logs.hold.words import loss_lines
from whosaw.mapping.twin_reports import twin_rules
from whosaw.store.index.update import update_index
from whosaw.store.objects.address import is_object
from whosaw.store.repositories.finding_ids import load_names
from whosaw.store.repositories.findings import add_findings
from whosaw.store.repositories.segments import last_indexed
from whosaw.store.sql import end_thread
from whosaw.store.workspace import Workspace

from .findings.detection import ContextFolder, DetectionSetup, check_context, detect_all, load_detection
from .findings.full_run import FullRun, KeptIndex, same_parties
from .findings.touched import Claims, Told, evaluate
from .hold.orders import check_quickly
from .in_force import settings_in_force
from .lookup.looking import LOOKS_EVERY, look_at_pages
from .progress import Silent
from .project.file import Project
from .project.rules import quiet_rules_of, source_rules
from .read_as import keep_read_as
from .reading.following import FollowedReading, Follower
from .scan import begin_scan, context_of_workspace, refuse_workspace
from .settings import ScanSettings, load_settings

__all__ = ["WatchReport", "watch"]

EVERY = 1.0  # seconds from the start of one round to that of the next, where there is something new
_LOOKS_EVERY = 0.2  # seconds between two looks for something new, where there was nothing
_LOOK_SHARE = 10.0  # and at least so many times as long as the last look took
FULL_EVERY = 60.0  # seconds between runs over the whole ledger, at least
_FULL_SHARE = 4.0  # and at least so many times as long as the last one took
_SOON = 2.0  # the same where something is suspected
_EVALUATED = "evaluated"  # setting: the last segment whose views were looked at
_HOLDS_EVERY = 3600.0  # seconds between looks at what legal holds keep
_ENDING = 10.0  # seconds that sinks and a run over all have when the watch ends


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """What one watch did."""

    lines: int
    events: int
    rejects: int
    rounds: int
    told: int
    sinks: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...]
    seconds: float = field(metadata=told_as(never=True))


@asks(Verb.START_SCAN, "watch")
def watch(
    paths: Sequence[str],
    root: Path,
    *,
    sinks: Sequence[Sink],
    clock: Callable[[], datetime],
    stop: threading.Event,
    once: bool = False,
    every: float = EVERY,
    full_every: float = FULL_EVERY,
    format_name: str | None = None,
    zone: str | None = None,
    map_path: Path | None = None,
    context: Path | None = None,
    own_formats: Sequence[Path] = (),
    key_file: Path | None = None,
    kafka_settings: dict[str, str] | None = None,
    make_spool: Callable[..., KafkaSpool] = KafkaSpool,
    told: Callable[[str], None] = lambda _: None,
    threads: int = 2,
    memory_bytes: int = 1 << 30,
    chunk_bytes: int = CHUNK_BYTES,
    sources: Sequence[str] = (),
    quiet: Sequence[str] = (),
    project: Project | None = None,
    replace_map: bool = False,
    console: str = "",
) -> WatchReport:
    """Follow `paths` (files, folders, globs, kafka://…) into the workspace `root` until `stop` is set, or for one round.

    Everything a person wrote is checked before the workspace is touched. The workspace is held for writing all the while.
    `told` gets sentences for whoever runs it. `console`: alerts lead to the page of their finding at this address. Raises `WhosawError`; what was committed before is kept, and the next watch
    goes on there.
    """
    console = _address(console)
    settings = load_settings(
        format_name=format_name, zone=zone, map_path=map_path, own_formats=own_formats, project=project
    )
    setup = load_detection()
    rules = (*read_rules(sources), *source_rules(project))
    silent = (*read_quiet(quiet, settings.zone_name), *quiet_rules_of(project, settings.zone_name))
    none = project.none if project is not None else None
    folder = check_context(context, settings.zone, none or ())
    topics = [read_topic(path) for path in paths if is_kafka(path)]
    if topics and make_spool is KafkaSpool:
        kafka_client()  # where it is missing, that is said before the workspace is touched
    files = [path for path in paths if not is_kafka(path)]
    if STDIN in files:
        raise WhosawError(
            "watch.stdin",
            "standard input cannot be followed",
            hint="Write it to a file, or use `whosaw scan -`",
        )
    if any(map(is_object, files)):
        raise WhosawError(
            "watch.objects",
            "objects in a store do not grow, so that there is nothing to follow in them",
            hint="Run `whosaw scan` on the prefix from a timer: it reads only what is new",
        )
    refuse_workspace(root, files)
    follower = Follower(files) if files else None
    first = follower.news() if follower is not None else []
    workspace = Workspace.open(root, key_file=key_file, create=True)
    try:
        with workspace.writing():
            workspace.journal.create()  # tables that a workspace of an older whosaw does not have
            workspace.files.clear_parts()
            settings, notes = settings_in_force(workspace, settings, replace_map=replace_map)
            keep_rules(workspace.journal, rules)
            keep_quiet(workspace.journal, silent)
            asked = partial(
                keep_read_as,
                workspace.journal,
                project=project,
                paths=paths,
                format_name=format_name,
                zone=zone,
                map_path=map_path,
                context=context,
                own_formats=own_formats,
                sources=sources,
                quiet=quiet,
            )
            number = begin_scan(workspace, settings, paths, clock(), keep=asked)
            folder = context_of_workspace(workspace, folder, settings, none)
            spools = [make_spool(topic, root, settings=kafka_settings or {}) for topic in topics]
            rounds = _Rounds(
                workspace, settings, setup, folder, follower, spools, sinks,
                number=number, clock=clock, told=told, notes=notes, every=every, full_every=full_every,
                threads=threads, memory_bytes=memory_bytes, chunk_bytes=chunk_bytes, console=console,
            )  # fmt: skip
            try:
                rounds.run(first, stop, once=once)
            finally:
                rounds.close()
            return rounds.report()
    finally:
        workspace.close()


def _address(console: str) -> str:
    """The address of the console without a slash at its end. Raises `WhosawError` for what is none, or holds a name, a password or more."""
    try:
        parts = urlsplit(console)
        good = not console or (
            parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and console.isprintable()
            and not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
        )  # fmt: skip
    except ValueError:
        good = False
    if not good:
        raise WhosawError(
            "watch.console",
            "that is no address of a console",
            hint="Write it like https://whosaw.example.org",
        )
    return console.rstrip("/")


class _Rounds:
    """The rounds of one watch."""

    def __init__(
        self,
        workspace: Workspace,
        settings: ScanSettings,
        setup: DetectionSetup,
        folder: ContextFolder,
        follower: Follower | None,
        spools: Sequence[KafkaSpool],
        sinks: Sequence[Sink],
        *,
        number: int,
        clock: Callable[[], datetime],
        told: Callable[[str], None],
        notes: Sequence[str],
        every: float,
        full_every: float,
        threads: int,
        memory_bytes: int,
        chunk_bytes: int,
        console: str,
    ) -> None:
        self._workspace, self._settings, self._setup, self._folder = workspace, settings, setup, folder
        self._follower, self._spools = follower, list(spools)
        self._spooled = (
            Follower([str(each.folder / "*.log") for each in spools], may_be_absent=True) if spools else None
        )
        self._number, self._clock, self._say, self._notes = number, clock, told, list(notes)
        self._every, self._full_every = every, full_every
        self._threads, self._memory = threads, memory_bytes
        self._reading = FollowedReading(
            workspace, settings, number, Silent(), workers=threads, chunk_bytes=chunk_bytes
        )
        self._claims = Claims(workspace)
        self._outbox = Outbox(workspace.journal, [sink.name for sink in sinks])
        self._senders = [
            Sender(workspace.journal, sink, clock=clock, told=told, console=console) for sink in sinks
        ]
        self._kept = KeptIndex(workspace.journal)
        self._full: FullRun | None = None
        self._full_ended = -1e9
        self._full_took = 0.0
        self._full_upto = -1
        self._sessions_last: int | None = None
        self._suspects: dict[str, int] = {}
        self._suspected = False
        self._recent: list[
            tuple[int, Told]
        ] = []  # told since a run over the whole ledger, with the last segment then
        self._evaluated = int(workspace.journal.setting(_EVALUATED) or 0)
        self._lines = self._events = self._rejects = self._rounds = self._told = 0
        self._intake: dict[str, list[int]] = {}
        self._away: set[str] = set()
        self._started = time.monotonic()
        self._holds_looked = -_HOLDS_EVERY
        self._pages_looked = -LOOKS_EVERY

    def run(self, first: Sequence[Content], stop: threading.Event, *, once: bool) -> None:
        for sender in self._senders:
            sender.start()
        contents = list(first)
        while True:
            began = time.monotonic()
            self._round(contents, once=once)
            if self._rounds == 1:
                self._journal(WATCH_CAUGHT_UP, {"scan": self._number})
            if once or stop.is_set():
                return
            pause = max(0.05, self._every - (time.monotonic() - began))
            while not stop.wait(pause):
                began = time.monotonic()
                self._collect()
                self._look_at_holds()
                self._look_at_pages()
                contents = self._news()
                if contents:
                    break
                self._begin_full()
                # a line is found soon, and many files are not looked at all the time
                pause = min(self._every, max(_LOOKS_EVERY, _LOOK_SHARE * (time.monotonic() - began)))
            else:
                return

    def _news(self) -> list[Content]:
        """Contents to read now."""
        pulled = 0
        for spool in self._spools:
            pulled += self._pull(spool)
        contents = self._follower.news() if self._follower is not None else []
        if self._spooled is not None and (pulled or not self._rounds):
            contents += self._spooled.news()
        return contents

    def _pull(self, spool: KafkaSpool) -> int:
        name = str(spool.folder.name)
        try:
            found = spool.pull(0.2)
        except WhosawError as fault:
            if name not in self._away:
                self._say(f"{fault.message}; it is tried again")
            self._away.add(name)
            return 0
        self._away.discard(name)
        return found

    # -- one round

    def _round(self, contents: list[Content], *, once: bool) -> None:
        if self._spools and not contents:
            contents = self._news()
        self._rounds += 1
        self._look_at_holds()
        self._look_at_pages()
        for content in contents:
            self._read(content)
        if contents:
            settle_sources(self._workspace.journal)
        if update_index(
            self._workspace,
            threads=self._threads,
            memory_bytes=self._memory,
            twins=twin_rules(self._settings.map),
        ):
            self._kept.restore()
        self._collect()
        upto = self._last_segment()
        if once:
            findings, notes = detect_all(
                self._workspace, self._folder, self._setup, self._settings.zone, now=self._clock(),
                threads=self._threads, memory_bytes=self._memory,
            )  # fmt: skip
            self._notes += [note for note in notes if note not in self._notes]
            self._offer(findings, upto)
        elif upto > self._evaluated:
            self._evaluate(upto)
        self._begin_full()

    def _look_at_holds(self) -> None:
        """Say what legal holds miss, once for each loss."""
        if time.monotonic() - self._holds_looked < _HOLDS_EVERY:
            return
        for hold in check_quickly(self._workspace, self._settings, now=self._clock(), by="watch"):
            for line in loss_lines(hold):
                if line not in self._notes:
                    self._notes.append(line)
                    self._say(line)
        self._holds_looked = time.monotonic()

    def _look_at_pages(self) -> None:
        """Say what look-up pages report, and take it to their cases."""
        if time.monotonic() - self._pages_looked < LOOKS_EVERY:
            return
        for line in look_at_pages(self._workspace.journal, self._workspace.root, now=self._clock()):
            if line not in self._notes:
                self._notes.append(line)
                self._say(line)
        self._pages_looked = time.monotonic()

    def _read(self, content: Content) -> None:
        report = self._reading.read(content)
        self._lines += report.lines
        self._events += report.events
        self._rejects += report.rejects
        if report.lines:
            intake = self._intake.setdefault(report.name, [0, 0, 0])
            for at, n in enumerate((report.lines, report.events, report.rejects)):
                intake[at] += n
        for note in report.notes:
            text = f"{report.name}: {note}"
            if text not in self._notes:
                self._notes.append(text)
                self._say(text)

    def _last_segment(self) -> int:
        return last_indexed(self._workspace.journal)

    def _evaluate(self, upto: int) -> None:
        found = evaluate(
            self._workspace, since=self._evaluated, folder=self._folder, setup=self._setup,
            zone=self._settings.zone, sessions_last=self._sessions_last, claims=self._claims,
            threads=self._threads, memory_bytes=self._memory,
        )  # fmt: skip
        self._suspected |= found.left
        sure: list[Told] = []
        given = load_names(self._workspace.journal).give_part([each.finding for each in found.told])
        for each, finding in zip(found.told, given.findings, strict=True):
            known = self._outbox.is_known(finding)
            again = any(finding.id == other.finding.id for other in sure)
            if each.whole and (known or not each.overlaps) and not again:
                sure.append(replace(each, finding=finding))
            elif again or self._outbox.has_news(finding) or not known:
                self._suspect(finding)
        self._offer(self._add(sure), upto)
        self._recent += [(upto, each) for each in sure]

    def _add(self, told: Sequence[Told]) -> list[Finding]:
        """Put what a part of the ledger told beside the findings of the whole; returns it as it is called now."""
        if not told:
            return []
        journal = self._workspace.journal
        with journal.transaction() as connection:
            names = load_names(journal, connection)
            given = names.give_part([each.finding for each in told])
            given.names.store(connection, names, now=self._clock())
            add_findings(connection, given.findings)
        return list(given.findings)

    def _suspect(self, finding: Finding) -> None:
        """Ask for a run over the whole ledger, once for each doubling of what is suspected."""
        persons = finding.persons.lower
        if persons >= 2 * self._suspects.get(finding.id, 0) or finding.id not in self._suspects:
            self._suspects[finding.id] = persons
            self._suspected = True

    def _offer(
        self, findings: Sequence[Finding], upto: int, same: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._told += self._outbox.offer(
            findings, now=self._clock(), also={_EVALUATED: str(max(upto, self._evaluated))}, same=same
        )
        self._evaluated = max(upto, self._evaluated)
        for sender in self._senders:
            if sender.fault is not None:
                raise sender.fault
            sender.poke()

    # -- runs over the whole ledger

    def _begin_full(self) -> None:
        if self._full is not None or self._full_upto >= (upto := self._last_segment()):
            return
        pause = (
            max(_SOON, self._full_took)
            if self._suspected
            else max(self._full_every, _FULL_SHARE * self._full_took)
        )
        if time.monotonic() - self._full_ended < pause:
            return
        self._suspected = False
        self._full = FullRun(
            self._workspace,
            self._folder,
            self._setup,
            self._settings.zone,
            upto=upto,
            now=self._clock(),
            memory_bytes=self._memory,
        )
        self._full.start()

    def _collect(self) -> None:
        """Take what a run over the whole ledger has found, once it has ended."""
        full = self._full
        if full is None or full.is_alive():
            return
        self._full = None
        self._full_ended, self._full_took = time.monotonic(), full.seconds
        if full.fault is not None:
            raise full.fault
        for note in full.notes:
            if note not in self._notes:
                self._notes.append(note)
                self._say(note)
        if full.put_off:
            self._suspected = True
            return
        self._full_upto, self._folder, self._sessions_last = full.upto, full.folder, full.sessions_last
        self._kept.renew()
        self._recent = [each for each in self._recent if each[0] > full.upto]
        recent = [told for _, told in self._recent]
        unknown = [each for each in full.findings if not self._outbox.is_known(each)]
        self._offer(full.findings, self._evaluated, same_parties(self._workspace, unknown, recent))
        self._add(recent)
        self._journal_intake()

    def _journal_intake(self) -> None:
        if not self._intake:
            return
        body = {
            "scan": self._number,
            "intake": [
                {"name": name, "lines": n[0], "events": n[1], "rejects": n[2]}
                for name, n in sorted(self._intake.items())
            ],
        }
        self._journal("watch.read", body)
        self._intake = {}

    def _journal(self, kind: str, body: dict[str, object]) -> None:
        with self._workspace.journal.transaction() as connection:
            self._workspace.journal.record(connection, kind, body, now=self._clock())

    # -- the end

    def close(self) -> None:
        """End all threads; alerts that no sink took stay in the outbox."""
        deadline = time.monotonic() + _ENDING
        if self._full is not None:
            self._full.join(_ENDING / 2)
            if self._full.is_alive():
                end_thread(self._full, _ENDING / 2)  # it is done again by the next watch
            elif self._full.fault is None:
                self._collect()
        for sender in self._senders:
            if sender.is_alive():
                sender.finish(max(0.1, deadline - time.monotonic()))
        self._reading.close()
        for spool in self._spools:
            spool.close()
        self._journal_intake()
        self._journal("watch.end", {"scan": self._number, "rounds": self._rounds, "alerts": self._told})

    def report(self) -> WatchReport:
        return WatchReport(
            lines=self._lines,
            events=self._events,
            rejects=self._rejects,
            rounds=self._rounds,
            told=self._told,
            sinks=self._outbox.states(),
            notes=tuple(self._notes),
            seconds=time.monotonic() - self._started,
        )
