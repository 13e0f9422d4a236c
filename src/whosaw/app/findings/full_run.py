"""A run of all detectors over the whole ledger, beside the rounds of a watch."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Sequence
from copy import copy
from datetime import datetime, tzinfo

import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import files_of_kinds, put_in_force
from whosaw.store.workspace import Workspace

from .detection import ContextFolder, DetectionSetup, check_context, detect_all, files_told
from .touched import SAME_PARTY, Told, learn_sessions_last

__all__ = ["FullRun", "KeptIndex", "same_parties"]

_KEPT = ("answers", "counted", "members")
_NICENESS = 10


class FullRun(threading.Thread):
    """Reads the ledger as it is when the run begins (at least up to segment `upto`), in one thread that gives way to others.

    `findings`, `notes`, `folder` (the context as it was read) and `fault` are there when it has ended; `put_off` says that
    the context could not be taken and nothing was run.
    """

    def __init__(
        self,
        workspace: Workspace,
        folder: ContextFolder,
        setup: DetectionSetup,
        zone: tzinfo | None,
        *,
        upto: int,
        now: datetime,
        memory_bytes: int,
    ) -> None:
        super().__init__(name="full run", daemon=True)
        self._workspace = copy(workspace)
        self._workspace.spill = workspace.spill / "full"  # two engines must not spill into one folder
        self._setup, self._zone, self._memory = setup, zone, memory_bytes
        self.upto, self.folder, self._now = upto, folder, now
        self.findings: list[Finding] = []
        self.notes: tuple[str, ...] = ()
        self.sessions_last: int | None = None
        self.seconds = 0.0
        self.put_off = False
        self.fault: BaseException | None = None

    def run(self) -> None:
        began = time.monotonic()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)  # of this thread alone
        try:
            self._workspace.spill.mkdir(parents=True, exist_ok=True)
            if (problem := self._problem_of_context()) is not None:
                self.put_off, self.notes = True, (problem,)
                return
            self.findings, self.notes = detect_all(
                self._workspace, self.folder, self._setup, self._zone,
                now=self._now, threads=1, memory_bytes=self._memory,
            )  # fmt: skip
            self.sessions_last = learn_sessions_last(self._workspace, self.folder, self._zone)
        except BaseException as fault:  # noqa: BLE001  # raised again where the rounds are made
            self.fault = fault
        finally:
            self.seconds = time.monotonic() - began

    def _problem_of_context(self) -> str | None:
        """Read the context as it is now; says why it cannot be taken, for instance while somebody is writing it."""
        if self.folder.path is None:
            return None
        try:
            self.folder = check_context(self.folder.path, self._zone, self.folder.none)
        except (WhosawError, OSError) as fault:
            return f"the context folder cannot be taken, and is looked at again: {fault}"
        return None


class KeptIndex:
    """Keeps what the last run over the whole ledger said of explanations and members in force while the ledger grows.

    Bringing the index up to date ends them, because they may be of fewer views. For what they do not name, readers say that
    it cannot be told.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._live = [each.id for each in files_of_kinds(journal, _KEPT) if each.live]

    def restore(self) -> None:
        """Put in force again what the index has just ended."""
        with self._journal.transaction() as connection:
            put_in_force(connection, _KEPT, self._live)

    def renew(self) -> None:
        """A run over the whole ledger has ended: what it said is in force from now on."""
        told = files_told(self._journal)
        if told is not None:  # else it found what an earlier release had found, which is in force
            newest = {
                each.file: each.id for each in files_of_kinds(self._journal, _KEPT) if each.file in told
            }
            self._live = list(newest.values())
        self.restore()


def same_parties(
    workspace: Workspace, findings: Sequence[Finding], recent: Sequence[Told]
) -> dict[str, list[str]]:
    """Which of `findings` of a run over the whole ledger are parties told of since it began, by their ids.

    Such a run looks at the ledger as it was, so it cannot know that what it found was found again by another flag.
    """
    if not findings or not recent:
        return {}
    reader = LedgerReader(workspace)
    try:
        asked = pa.table({"finding": pa.array([each.id for each in findings], pa.string())})
        rows = reader.session.query(
            "SELECT finding, client FROM members SEMI JOIN asked USING (finding)", asked=asked
        )
    finally:
        reader.close()
    members: dict[str, set[int]] = {}
    for finding, client in zip(rows["finding"].to_pylist(), rows["client"].to_pylist(), strict=True):
        members.setdefault(finding, set()).add(client)
    found: dict[str, list[str]] = {}
    for name, clients in members.items():
        for each in recent:
            if len(clients & each.members) >= SAME_PARTY * min(len(clients), len(each.members)):
                found.setdefault(name, []).append(each.finding.id)
    return found
