"""How far the telling of a case is. Five numbers that always add up to the recipients: waiting, sent, failed, excluded, unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros
from whosaw.core.scope_version import OpenItem
from whosaw.packs.toml_file import load_toml
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal
from whosaw.store.sending.sending_store import (
    ACCEPTED,
    BOUNCED,
    HANDED,
    UNDELIVERABLE,
    UNKNOWN,
    SendingRow,
    SendingStore,
)
from whosaw.store.workspace import journal_of

from .manifest import EXCLUDED, WAVES, Manifest, read_manifest

__all__ = ["ChannelStatus", "Status", "Told", "WaveStatus", "case_name", "notice_status", "open_tellings"]

_FAILED = (BOUNCED, UNDELIVERABLE)
_NOT_KNOWN = (UNKNOWN, HANDED)  # of what is just being handed over it is not known, either


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Recipients by what is known of them. The five add up to `recipients`."""

    ALSO: ClassVar[tuple[str, ...]] = ("recipients",)

    waiting: int
    sent: int
    failed: int
    excluded: int
    unknown: int

    @property
    def recipients(self) -> int:
        return self.waiting + self.sent + self.failed + self.excluded + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """Recipients of one channel: `states` by the state of their last attempt, `planned` those without one included."""

    channel: str
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveStatus:
    """A wave, how many people are in it, whether a person released it, and how many were leased at least once."""

    wave: str
    people: int
    released: bool
    begun: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One frozen list and how far it is. `frozen_recipients` is what the manifest says, and `adds_up` whether the five numbers do."""

    ALSO: ClassVar[tuple[str, ...]] = ("adds_up", "done")

    case: str
    version: int
    since: int | None
    frozen: datetime
    stopped: str
    told: Told
    frozen_recipients: int
    channels: tuple[ChannelStatus, ...]
    waves: tuple[WaveStatus, ...]
    groups: Mapping[str, int]
    why_excluded: Mapping[str, int]
    next_due: datetime | None = field(default=None)

    @property
    def adds_up(self) -> bool:
        return self.told.recipients == self.frozen_recipients

    @property
    def done(self) -> bool:
        """Whether nobody waits any more."""
        return self.adds_up and self.told.waiting == 0


def case_name(text: str) -> str:
    """The name of a case: that in a case file, where the text is the path of one."""
    path = Path(text)
    if path.suffix != ".toml" and not path.is_file():
        return text
    name = load_toml(path).data.get("case")
    if not isinstance(name, str):
        raise WhosawError("case.unreadable", f"{path} has no case = ...", hint="Name a case file, or a case")
    return name


@asks(Verb.SEE_CASES, "notices", root="workspace", case="case")
def notice_status(case: str, *, workspace: Path, version: int | None = None) -> tuple[Status, ...]:
    """Every frozen list of a case, or that of one version. Raises `WhosawError` where there is none."""
    journal = journal_of(workspace)
    try:
        if not SendingStore.there(workspace):
            raise WhosawError(
                "notice.nothing-frozen",
                f"no recipients of case {case!r} are frozen",
                hint="`whosaw notice freeze` does that",
            )
        store = SendingStore(workspace)
        try:
            store.find(case, version)
            files = ContentStore.of(workspace)
            return tuple(
                _status(store, each, read_manifest(files, journal, each))
                for each in store.sendings(case)
                if version in (None, each.version)
            )
        finally:
            store.close()
    finally:
        journal.close()


def _status(store: SendingStore, row: SendingRow, manifest: Manifest) -> Status:
    tally, untouched, parts = store.tally(row.id), store.untouched(row.id), store.parts(row.id)
    released = store.released(row.id)
    by_channel: dict[str, Counter[str]] = {}
    for (channel, state), people in tally.items():
        by_channel.setdefault(channel, Counter())[state] += people
    for channel, people in untouched.items():
        by_channel.setdefault(channel, Counter())["planned"] += people
    states: Counter[str] = Counter()
    for each in by_channel.values():
        states += each
    excluded = sum(manifest.excluded.values())
    sent, failed, unknown = (
        states[ACCEPTED],
        sum(states[each] for each in _FAILED),
        sum(states[each] for each in _NOT_KNOWN),
    )
    waiting = sum(states.values()) - sent - failed - unknown
    due = [at for channel in by_channel if (at := store.next_due(row.id, channel)) is not None]
    return Status(
        case=row.case,
        version=row.version,
        since=row.since,
        frozen=from_micros(row.frozen),
        stopped=row.stopped or "",
        told=Told(waiting=waiting, sent=sent, failed=failed, excluded=excluded, unknown=unknown),
        frozen_recipients=manifest.recipients,
        channels=tuple(
            ChannelStatus(channel=channel, states=dict(sorted(found.items())))
            for channel, found in sorted(by_channel.items())
        ),
        waves=tuple(
            WaveStatus(
                wave=name,
                people=sum(
                    each.rows for each in manifest.parts if each.part != EXCLUDED and each.wave == wave
                ),
                released=wave in released,
                begun=sum(each.next for each in parts if each.wave == wave),
            )
            for wave, name in enumerate(WAVES)
        ),
        groups=dict(manifest.groups),
        why_excluded=dict(manifest.excluded),
        next_due=None if not due else from_micros(min(due)),
    )


def open_tellings(case: str, journal: Journal, workspace: Path) -> list[OpenItem]:
    """What hinders a case from being closed: a list of recipients of whom some still wait, or that does not add up."""
    if not SendingStore.there(workspace):
        return []
    store = SendingStore(workspace)
    try:
        files = ContentStore.of(workspace)
        found = [_status(store, each, read_manifest(files, journal, each)) for each in store.sendings(case)]
    finally:
        store.close()
    return [
        OpenItem(
            code="telling-open",
            what=f"of the {each.frozen_recipients:,} recipients of version {each.version}, {each.told.waiting:,} were not told yet"
            if each.adds_up
            else f"the recipients of version {each.version} do not add up: {each.told.recipients:,} of {each.frozen_recipients:,}",
        )
        for each in found
        if not each.done
    ]
