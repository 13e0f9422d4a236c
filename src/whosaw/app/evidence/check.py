"""Whether a workspace holds: its custody journal, by itself and against what was noted elsewhere, and its ledger."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from cryptography import x509

from whosaw.app.findings.by_days import recheck_days
from whosaw.app.findings.detection import load_detection
from whosaw.app.gating.asking import asked
from whosaw.app.gating.rights import Verb
from whosaw.build.recheck import Differs
from whosaw.core.custody import BROKEN, CANNOT_TELL, HOLDS, Head, Standing, parse_head, worst
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.evidence import verify
from whosaw.store.canonical import LedgerDigest, ledger_digest
from whosaw.store.custody_check import database_faults, whole
from whosaw.store.journal import Journal
from whosaw.store.ledger_check import LedgerPart, ledger_parts
from whosaw.store.parts import last_rounds
from whosaw.store.repositories.entries import hashes_of
from whosaw.store.workspace import Workspace, journal_of

from .heads import ANCHORS, WAYS, anchors_of, head_message

__all__ = ["CheckedPart", "CustodyCheck", "Elsewhere", "check"]

_ANCHORED = "where heads go"
_OF_DAYS = "days"
_DAYS = 40  # days of steps that are made again where not all are asked for
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What was noted outside of the workspace: files of heads, heads as they are printed, the root, roots of time stamp authorities."""

    files: tuple[Path, ...] = ()
    heads: tuple[str, ...] = ()
    root: str | None = None
    stamp_roots: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPart:
    """Whether one part holds, is broken or cannot be told, why, and what is to be known of it."""

    name: str = field(metadata=told_as("part"))
    answer: str
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyCheck:
    """Whether a workspace holds: as good as its worst part. Of a database that cannot be read there are no entries and no head;
    `digest` is the canonical one of the ledger, where it was asked for and its files are there."""

    answer: str
    parts: tuple[CheckedPart, ...]
    entries: int | None
    keyed_from: int | None
    hash: str | None
    root: str | None
    notes: tuple[str, ...]
    digest: LedgerDigest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A head that was noted: `hash` may be the beginning of one; `root` and `stamp` where they were noted, too."""

    where: str
    entry: int
    hash: str
    root: str | None = None
    stamp: bytes | None = None


def check(
    root: Path,
    noted: Elsewhere,
    *,
    every: bool = False,
    digest: bool = False,
    told: Callable[[str, int, int], None] = lambda *_: None,
) -> CustodyCheck:
    """Check a workspace whole: its database, the chain of hashes and keys of its journal, its end, what was noted elsewhere, and
    its ledger: of a large one a share of the persons and clients, and of its days, or with `every` all of them. With `digest`, the
    canonical digest of the ledger is made, too. `told` hears (what, done, total).

    Needs no vault key but for the days. Each part holds, is broken or cannot be told, and the whole is as good as its worst part.
    """
    trust = _trust(noted.stamp_roots)
    with ExitStack() as stack:
        try:
            stack.enter_context(asked(root, Verb.SEE_STATUS, "check"))
        except WhosawError as fault:
            if fault.code != "journal.failed":
                raise  # a database that says nothing, not even who may ask, is what is looked for here
        return _checked(root, noted, trust, every=every, digest=digest, told=told)


def _checked(
    root: Path,
    noted: Elsewhere,
    trust: list[x509.Certificate],
    *,
    every: bool,
    digest: bool,
    told: Callable[[str, int, int], None],
) -> CustodyCheck:
    journal = journal_of(root, unasked=True)
    try:
        database = database_faults(journal)
        faults = tuple(database)
        parts = [CheckedPart(name="database", answer=BROKEN if faults else HOLDS, why=faults)]
        standing = made = None
        notes = list(_notes(root))
        try:
            standing = whole(journal)
            parts.append(
                CheckedPart(name="journal", answer=standing.answer, why=standing.why, notes=_keyed(standing))
            )
            parts.append(_anchors_part(journal))
            parts.append(_noted_part(journal, noted, _Noted(journal, standing, trust)))
            parts += [_ledger_part(each) for each in ledger_parts(root, journal, every=every, told=told)]
            if last_rounds(journal):
                looked = _days_part(root, every=every, draw=standing.head.hash if standing.head else "")
                if looked.answer == CANNOT_TELL and not every:  # not asked for, so nothing is said of them
                    notes.extend(looked.why)
                else:
                    parts.append(looked)
            if digest and all(part.answer == HOLDS for part in parts if part.name == "files"):
                made = ledger_digest(root, journal)
        except WhosawError as fault:
            if not database:
                raise
            answer = BROKEN if standing is None else standing.answer
            parts.append(CheckedPart(name="journal", answer=answer, why=(fault.message,)))
    finally:
        journal.close()
    head = standing.head if standing else None
    return CustodyCheck(
        answer=worst([part.answer for part in parts]),
        parts=tuple(parts),
        entries=standing.entries if standing else None,
        keyed_from=standing.keyed_from if standing else None,
        hash=head.hash if head else None,
        root=head.root if head else None,
        notes=tuple(notes),
        digest=made,
    )


def _ledger_part(looked: LedgerPart) -> CheckedPart:
    answer = BROKEN if looked.faults else CANNOT_TELL if looked.unknown else HOLDS
    return CheckedPart(
        name=looked.name, answer=answer, why=(*looked.faults, *looked.unknown), notes=looked.notes
    )


def _days_part(root: Path, *, every: bool, draw: str) -> CheckedPart:
    """Steps of days made again, and held against what is kept of them: some of them, or with `every` all. This alone needs the vault key
    and a workspace that can be written, and nobody else may write meanwhile."""
    try:
        with closing(Workspace.open(root)) as workspace, workspace.writing():
            told = recheck_days(workspace, load_detection(), most=None if every else _DAYS, draw=draw)
    except WhosawError as fault:
        unknown = f"days cannot be made again to be compared: {fault.message}"
        return CheckedPart(name=_OF_DAYS, answer=CANNOT_TELL, why=(unknown,))
    why = [_differs(each) for each in told.differs[:_NAMED]]
    if len(told.differs) > _NAMED:
        why.append(f"and {len(told.differs) - _NAMED:,} more")
    share = "" if told.days == told.every else f" of {told.every:,}; all of them with --all"
    return CheckedPart(
        name=_OF_DAYS,
        answer=BROKEN if why else HOLDS,
        why=tuple(why),
        notes=(f"{told.days:,} days of steps were made again{share}",),
    )


def _differs(each: Differs) -> str:
    day = date(1970, 1, 1) + timedelta(days=each.day)
    if each.damaged:
        return f"{each.kind} of {day}: its file holds other rows than were written"
    return f"{each.kind} of {day}: {each.step} makes other rows now than are kept"


def _keyed(standing: Standing) -> tuple[str, ...]:
    if standing.keyed_from is None:
        unsigned = "no entry is signed yet: anybody who can write the file can write them all anew"
        return (unsigned,) if standing.entries else ()
    if standing.keyed_from > 1:
        before = f"entries 1 to {standing.keyed_from - 1} were not signed when they were written"
        return (
            f"{before}: they are as they were when entry {standing.keyed_from} was; what was done to them before cannot be told",
        )
    return ()


def _anchors_part(journal: Journal) -> CheckedPart:
    """The setting that says where heads go is the one that was journalled: taking it away must not go unseen."""
    wanted = journal.entries(ANCHORS)
    asked = {way: json.loads(wanted[-1].body)[way] for way in WAYS} if wanted else dict.fromkeys(WAYS)
    if anchors_of(journal) != asked:
        where = f"entry {wanted[-1].seq}" if wanted else "the journal"
        why = f"the setting is not what {where} says: it was changed without a command"
        return CheckedPart(name=_ANCHORED, answer=BROKEN, why=(why,))
    notes = (
        () if any(asked.values()) else ("heads are sent nowhere; `whosaw custody anchor` says where they go",)
    )
    return CheckedPart(name=_ANCHORED, answer=HOLDS, notes=notes)


def _noted_part(journal: Journal, noted: Elsewhere, said: _Noted) -> CheckedPart:
    """The journal against what the caller gave, and against the file that its own heads go to."""
    own = anchors_of(journal)["file"]
    files = {each.resolve(): each for each in noted.files}
    if own is not None:
        files.setdefault(Path(own), Path(own))
    for text in noted.heads:
        said.head(text)
    for file in files.values():
        said.file(file)
    if noted.root is not None:
        said.root(noted.root)
    return said.part()


class _Noted:
    """Collects what heads and the root that stand elsewhere say of the journal: the one thing that shows an exchange of the whole, or a
    way back to an earlier day."""

    def __init__(self, journal: Journal, standing: Standing, trust: Sequence[x509.Certificate]) -> None:
        self._journal, self._standing, self._trust = journal, standing, trust
        self._root = standing.head.root if standing.head else None
        self._heads: list[_Head] = []
        self._rooted = False
        self.why: list[str] = []
        self.unknown: list[str] = []
        self.notes: list[str] = []

    def head(self, text: str) -> None:
        try:
            entry, digest = parse_head(text)
        except ValueError as fault:
            raise WhosawError("custody.bad-head", str(fault), hint="Copy it as it was printed") from fault
        self._heads.append(_Head(where="--head", entry=entry, hash=digest))

    def file(self, file: Path) -> None:
        try:
            self._heads.extend(_lines(file))
        except OSError as fault:
            self.unknown.append(f"the heads in {file} cannot be read ({fault.strerror})")
        except ValueError as fault:
            self.why.append(f"{file}: {fault}")

    def root(self, text: str) -> None:
        self._rooted = True
        if text.strip().lower() != self._root:
            self.why.append(
                f"--root: the journal began with the key {self._root or 'of nobody'}: it was exchanged, or is another one"
            )

    def part(self) -> CheckedPart:
        have = self._hashes()
        for head in self._heads:
            self._against(head, have)
        if not (self._heads or self._rooted or self.why or self.unknown):
            self.unknown.append(
                "no head that was noted elsewhere was given, so it cannot be told whether the whole journal was exchanged, or put back to "
                "an earlier day. Give one with --against, --head or --root"
            )
        elif not self._heads and not self.why:
            self.notes.append(
                "the root is the beginning alone: whether the journal was put back to an earlier day shows against a head"
            )
        elif not self.why:
            newest = max(head.entry for head in self._heads)
            self.notes.append(
                f"{len(self._heads)} noted elsewhere, all there, up to entry {newest} of {self._standing.entries}"
            )
        answer = BROKEN if self.why else CANNOT_TELL if self.unknown else HOLDS
        return CheckedPart(
            name="what was noted elsewhere",
            answer=answer,
            why=(*self.why, *self.unknown),
            notes=tuple(self.notes),
        )

    def _hashes(self) -> dict[int, str]:
        return hashes_of(self._journal, (head.entry for head in self._heads))

    def _against(self, head: _Head, have: Mapping[int, str]) -> None:
        if head.entry not in have:
            self.why.append(
                f"{head.where}: entry {head.entry} is no longer there: the journal was cut, or put back to an earlier day"
            )
        elif not have[head.entry].startswith(head.hash):
            self.why.append(
                f"{head.where}: entry {head.entry} is another than it was: the journal was rewritten"
            )
        elif head.root is not None and head.root != self._root:
            self.why.append(f"{head.where}: the journal began with another key: it was exchanged")
        elif head.stamp is not None:
            self._stamped(head, head.stamp)

    def _stamped(self, head: _Head, response: bytes) -> None:
        try:
            stamp = verify.read_stamp(response)
        except ValueError as fault:
            self.why.append(f"{head.where}: its time stamp: {fault}")
            return
        message = head_message(Head(entry=head.entry, hash=head.hash, root=head.root or ""))
        if hashlib.new(stamp.algorithm, message).digest() != stamp.digest:
            self.why.append(f"{head.where}: its time stamp is over another head")
            return
        untrusted = verify.stamp_fault(stamp, self._trust) if self._trust else None
        if untrusted is not None:
            self.why.append(
                f"{head.where}: the authority of its time stamp is not one that is trusted: {untrusted}"
            )
            return
        by = "a trusted authority" if self._trust else "an authority that nobody vouched for (--stamp-trust)"
        self.notes = [
            f"entry {head.entry} was there no later than {format_instant(stamp.time)}, by a time stamp of {by}"
        ]


def _lines(file: Path) -> Iterator[_Head]:
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            row = json.loads(line)
            yield _Head(
                where=f"{file}, line {number}",
                entry=int(row["entry"]),
                hash=str(row["hash"]),
                root=str(row["root"]),
                stamp=None if row["stamp"] is None else base64.b64decode(row["stamp"], validate=True),
            )
        except (ValueError, KeyError, TypeError) as fault:
            raise ValueError(f"line {number} is no head: the file was changed or torn") from fault


def _trust(files: Sequence[Path]) -> list[x509.Certificate]:
    try:
        return verify.load_trust(files)
    except (OSError, ValueError) as fault:
        raise WhosawError(
            "evidence.bad-trust",
            f"whom to trust cannot be read ({fault})",
            hint="--stamp-trust takes certificates in PEM",
        ) from fault


def _notes(root: Path) -> tuple[str, ...]:
    """What is no fault and should be known."""
    if not (root / "vault.key").exists():
        return ()
    return (
        "the vault key lies in the workspace, so whoever copies the folder can name everybody in it. Keep the key elsewhere: --key-file or WHOSAW_KEY_FILE",
    )
