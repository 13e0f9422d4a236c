"""Who is told, by what, and where: fixed once from one version of a scope, before anything leaves.

All of it goes by columns: a row of an address book becomes a number of the ledger by its keyed digest, its group is one look into an array,
and what is to be sent is written piece by piece, so that a nation needs no more memory than a shop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.law.notice_recipients import members_of
from whosaw.app.law.notices import NoticePlan, plan_notices
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import to_micros
from whosaw.sending.address_book import BookFile, is_mail_address, is_phone, mail_form, phone_form
from whosaw.sending.book_marks import marked, minors
from whosaw.sending.keys import share_of
from whosaw.store.digest_words import halves
from whosaw.store.erased import CONTACT
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.sending.pieces import FROZEN_PARTS, RECIPIENTS, PieceWriter
from whosaw.store.sending.sending_store import PartRow, SendingStore
from whosaw.store.vault import KINDS, as_column
from whosaw.store.workspace import Workspace

from .manifest import (
    EXCLUDED,
    WAVES,
    BookRead,
    Manifest,
    PartOf,
    kept_manifest,
    open_pieces,
    read_manifest,
)
from .numbers import KnownPersons
from .texts import CHANNELS, Audience, SentText, read_texts

__all__ = ["Frozen", "freeze"]

_SECONDARY: Final = "secondary"
_AT_ONCE: Final = 1 << 20  # people
_SHARES: Final = (0.01, 0.11)  # of recipients, up to which the second and third wave go

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What was frozen: the number of the journal entry that holds its digest, and the document."""

    entry: int
    digest: str
    manifest: Manifest


@asks(Verb.TELL, "recipients", root="workspace")
def freeze(
    path: Path,
    *,
    workspace: Path,
    texts: Path,
    books: Sequence[Path],
    channels: Sequence[str],
    minor_under: int,
    now: datetime,
    places: Sequence[str] = (),
    languages: Sequence[str] = (),
    version: int | None = None,
    since: int | None = None,
    key_file: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Frozen:
    """Freeze the recipients of a version of a case: once, for the texts in the folder `texts`.

    `channels` is the order in which they are chosen; people under `minor_under` years are told through a guardian. Raises `WhosawError`
    and writes nothing that counts where a text fails its check, where one is missing that somebody needs, or where it was done before.
    """
    files = [BookFile.of(each) for each in books]
    plan = plan_notices(
        path, workspace=workspace, now=now, languages=languages, places=places, version=version, since=since
    )
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            with store.freezing():
                opened.files = opened.files.beside(FROZEN_PARTS)
                opened.files.clear_parts()
                opened.vault.erased.forget()
                return _freeze(plan, opened, store, files, texts, channels, minor_under, now, progress)
        finally:
            store.close()
    finally:
        opened.close()


def _freeze(
    plan: NoticePlan,
    opened: Workspace,
    store: SendingStore,
    files: Sequence[BookFile],
    folder: Path,
    channels: Sequence[str],
    minor_under: int,
    now: datetime,
    progress: Callable[[int], None],
) -> Frozen:
    case, version = str(plan.scope["case"]), int(plan.scope["version"])
    if any(each.version == version for each in store.sendings(case)):
        raise WhosawError(
            "notice.frozen-already",
            f"the recipients of {case} {version} are frozen already",
            hint="`whosaw notice status` shows them; a new version of the scope has recipients of its own",
        )
    texts = read_texts(plan, folder, channels, opened.files, now=now)
    work = _Freezing(plan, opened, texts, channels, minor_under, now)
    if plan.since is not None:
        work.leave_out_told(store)
    read = [work.read(each, progress) for each in files]
    work.without_address()
    work.refuse_missing_texts(folder)
    manifest = work.manifest(read)
    name = kept_manifest(opened.files, manifest)
    digest = name.partition(".")[0]
    body = {
        "case": case,
        "version": version,
        "since": manifest.since,
        "manifest": digest,
        "recipients": manifest.recipients,
        "excluded": dict(manifest.excluded),
        "groups": dict(manifest.groups),
        "channels": _by_channel(manifest),
        "texts": sorted({each.sha256 for each in texts}),
        "books": [each.sha256 for each in read],
    }
    with opened.journal.transaction() as connection:
        entry = opened.journal.record(connection, "notice.frozen", body, now=now)
    store.add(
        case=case,
        version=version,
        since=manifest.since,
        frozen=to_micros(now),
        manifest=name,
        entry=entry,
        parts=[
            PartRow(part=each.part, channel=each.channel, wave=each.wave, rows=each.rows)
            for each in manifest.parts
            if each.part != EXCLUDED
        ],
    )
    return Frozen(entry=entry, digest=digest, manifest=manifest)


def _by_channel(manifest: Manifest) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in manifest.parts:
        if each.part != EXCLUDED:
            found[each.channel] += each.rows
    return dict(sorted(found.items()))


class _Freezing:
    """Turns batches of address books into recipients."""

    def __init__(
        self,
        plan: NoticePlan,
        opened: Workspace,
        texts: Sequence[SentText],
        channels: Sequence[str],
        minor_under: int,
        now: datetime,
    ) -> None:
        self._plan, self._opened, self._texts, self._channels = plan, opened, tuple(texts), tuple(channels)
        self._case, self._version = str(plan.scope["case"]), int(plan.scope["version"])
        self._label = f"{self._case} {self._version}"
        self._minor_under, self._now = minor_under, now
        self._persons = KnownPersons(opened)
        cases = CaseStore(opened)
        self._held: BitMap = cases.sets(self._case, self._version, ["held"])["held"]
        self._members = members_of(plan, cases)
        self._groups = [each.id for each in plan.groups]
        self._group_of = self._grouped()
        self._seen = np.zeros(len(self._group_of), bool)
        self._others = np.zeros(0, np.uint64)  # non-customers met so far, by the first half of their digest
        self._audiences = [
            Audience(group=group, place=place.id, language=language)
            for group in self._groups
            for place in plan.places
            for language in plan.languages
        ]
        there = {(each.audience, each.channel) for each in self._texts}
        self._has_text = np.array(
            [[(audience, channel) in there for audience in self._audiences] for channel in self._channels],
            bool,
        ).reshape(len(self._channels), len(self._audiences))
        self._zones: list[str] = [plan.loaded.case.zone]
        self._writers: dict[int, PieceWriter] = {}
        self._why: Counter[str] = Counter()
        self._of_group: Counter[str] = Counter()
        self._no_text: Counter[int] = Counter()

    def _grouped(self) -> npt.NDArray[np.int16]:
        most = max((each.max() for each in self._members.values() if each), default=-1)
        found = np.full(most + 1, -1, np.int16)
        for at, group in enumerate(self._groups):
            numbers = np.asarray(self._members.get(group, BitMap()).to_array(), np.uint32)
            for start in range(0, len(numbers), _AT_ONCE):  # as an index each takes twice as much again
                found[numbers[start : start + _AT_ONCE]] = at
        return found

    def leave_out_told(self, store: SendingStore) -> None:
        """Who has no account and was told of the earlier version is not told again, unless more is to be said of such people now."""
        assert self._plan.since is not None
        now, then = (
            set((each.get("secondary") or {}).get("categories") or ())
            for each in (self._plan.scope, self._plan.since)
        )
        if not now <= then:
            return
        for row in store.sendings(self._case):
            if row.version > int(self._plan.since["version"]):
                continue
            before = read_manifest(self._opened.files, self._opened.journal, row)
            pieces = open_pieces(self._opened.files, self._opened.vault, before.label, before.pieces)
            for _, rows in pieces.every():
                told = rows.filter(pc.and_(pc.equal(rows["person"], -1), rows["why"].is_null()))
                self._others = np.union1d(self._others, halves(told["who"])[0])

    def read(self, book: BookFile, progress: Callable[[int], None]) -> BookRead:
        """Take in a file of addresses. Who was met before stays as they were."""
        rows = recipients = again = 0
        for batch in book.batches():
            rows += batch.num_rows
            taken, repeated = self._take(batch)
            recipients, again = recipients + taken, again + repeated
            progress(rows)
        return BookRead(
            file=book.path.name, sha256=book.digest(), rows=rows, recipients=recipients, again=again
        )

    def _take(self, batch: pa.Table) -> tuple[int, int]:
        columns = {name: batch[name].combine_chunks() for name in batch.column_names}
        numbers, digests = self._persons.find(columns["subject"])
        groups = self._group_of_rows(columns, numbers, digests)
        first = self._first_time(numbers, digests, groups)
        again = int((~first & (groups >= 0)).sum())
        keep = np.flatnonzero(first)
        if len(keep):
            chosen = {name: column.take(pa.array(keep)) for name, column in columns.items()}
            self._write(chosen, numbers[keep], digests[keep], groups[keep])
        return len(keep), again

    def _group_of_rows(
        self, columns: dict[str, pa.Array], numbers: Ints, digests: npt.NDArray[np.uint8]
    ) -> Ints:
        """The group of each row, -1 for who is in none. Who has no account goes by a digest of their address."""
        groups = np.full(len(numbers), -1, np.int64)
        known = (numbers >= 0) & (numbers < len(self._group_of))
        groups[known] = self._group_of[numbers[known]]
        others = np.asarray(columns["subject"].is_null())
        if _SECONDARY not in self._groups or not others.any():
            return groups
        named = pc.coalesce(
            mail_form(columns["email"]),
            mail_form(columns["contact"]),
            phone_form(columns["phone"]),
            columns["post"],
        )
        others &= np.asarray(named.is_valid())
        of_whom = np.asarray(columns["saved_by"].is_valid()) & others
        if of_whom.any():  # whose address book they stand in decides
            at = np.flatnonzero(of_whom)
            owners, _ = self._persons.find(columns["saved_by"].take(pa.array(at)))
            held = np.fromiter(
                (number >= 0 and number in self._held for number in owners.tolist()), bool, len(at)
            )
            others[at[~held]] = False
        at = np.flatnonzero(others)
        if len(at):
            digests[at] = self._opened.vault.digest_all(CONTACT, named.take(pa.array(at)).cast(pa.string()))
            groups[at] = self._groups.index(_SECONDARY)
        return groups

    def _first_time(self, numbers: Ints, digests: npt.NDArray[np.uint8], groups: Ints) -> Bools:
        """Which rows are recipients who were not met before."""
        first = np.zeros(len(numbers), bool)
        customers = np.flatnonzero((groups >= 0) & (numbers >= 0))
        _, once = np.unique(numbers[customers], return_index=True)
        fresh = customers[np.sort(once)]
        fresh = fresh[~self._seen[numbers[fresh]]]
        self._seen[numbers[fresh]] = True
        first[fresh] = True
        others = np.flatnonzero((groups >= 0) & (numbers < 0))
        if len(others):
            halves = np.ascontiguousarray(digests[others, :8]).view(">u8").reshape(-1).astype(np.uint64)
            values, once = np.unique(halves, return_index=True)
            new = ~np.isin(values, self._others, assume_unique=True)
            first[others[once[new]]] = True
            self._others = np.union1d(self._others, values[new])
        return first

    def _write(
        self, columns: dict[str, pa.Array], numbers: Ints, digests: npt.NDArray[np.uint8], groups: Ints
    ) -> None:
        place = _coded(columns["jurisdiction"], self._place)
        language = _coded(columns["language"], self._language)
        zone = _coded(columns["zone"], self._zone)
        plan = self._plan
        audience = (groups * len(plan.places) + place) * len(plan.languages) + language
        audience[place < 0] = -1
        minor = minors(columns["born"], under=self._minor_under, now=self._now)
        addresses = _addresses(columns, minor)
        part, why = self._parts(columns, audience, minor, addresses, digests)
        for at, group in enumerate(self._groups):
            self._of_group[group] += int((groups == at).sum())
        rows = pa.table(
            {
                "who": as_column(digests),
                "person": pa.array(numbers, pa.int32()),
                "audience": pa.array(audience, pa.int16()),
                "zone": pa.array(zone, pa.int16()),
                "guardian": pa.array(minor),
                "why": pa.array(why, pa.string()),
            },
            schema=RECIPIENTS,
        )
        for each in np.unique(part).tolist():
            here = pa.array(np.flatnonzero(part == each))
            self._writer(each).add(rows.take(here), None if each == EXCLUDED else addresses.take(here))

    def _parts(
        self,
        columns: dict[str, pa.Array],
        audience: Ints,
        minor: Bools,
        addresses: pa.Table,
        digests: npt.NDArray[np.uint8],
    ) -> tuple[Ints, npt.NDArray[np.object_]]:
        """The part of each row, and why nothing goes to those of the last one."""
        why = np.full(len(audience), None, object)
        channel = np.full(len(audience), -1, np.int64)
        reached = np.zeros(len(audience), bool)
        for at, name in enumerate(self._channels):
            can = np.asarray(addresses[CHANNELS[name].address].combine_chunks().is_valid())
            reached |= can
            told = can & (audience >= 0) & self._has_text[at, np.maximum(audience, 0)]
            channel[told & (channel < 0)] = at
        for fits, reason in (
            (minor & ~reached, "minor without a guardian's address"),
            (~reached & ~minor, "no address"),
            (audience < 0, "no notice for their place"),
            (marked(columns["unreachable"]), "unreachable"),
            (marked(columns["deceased"]), "deceased"),
            (self._erased(digests), "erased"),
        ):
            why[fits] = reason  # the last one that fits is the one that is told
        lacking = np.equal(why, None) & (channel < 0)  # type: ignore[call-overload]  # of objects
        for each, people in zip(*np.unique(audience[lacking], return_counts=True), strict=True):
            self._no_text[int(each)] += int(people)
        excluded = ~np.equal(why, None)  # type: ignore[call-overload]  # of objects
        self._why.update(why[excluded].tolist())
        share = share_of(self._opened.vault, self._case, as_column(digests))
        wave = 3 - (share < _SHARES[1]).astype(np.int64) - (share < _SHARES[0]).astype(np.int64)
        wave[marked(columns["staff"])] = 0
        part = np.where(excluded, EXCLUDED, np.maximum(channel, 0) * len(WAVES) + wave)
        return part, why

    def _erased(self, digests: npt.NDArray[np.uint8]) -> Bools:
        """Who was erased, and whose address is not taken in again."""
        erased = self._opened.vault.erased
        return erased.among("person", digests) | erased.among(CONTACT, digests)

    def without_address(self) -> None:
        """Who is in the scope, and in no file of addresses."""
        missing = np.flatnonzero((self._group_of >= 0) & ~self._seen)
        if not len(missing):
            return
        reader = LedgerReader(self._opened)
        try:
            asked = pa.table({"number": pa.array(missing, pa.int32())})
            for batch in reader.session.batches(
                f"SELECT number, digest FROM identities SEMI JOIN asked USING (number) WHERE kind = {KINDS['person']} ORDER BY number",
                1 << 17,
                asked=asked,
            ):
                self._write_missing(batch)
        finally:
            reader.close()

    def _write_missing(self, batch: pa.RecordBatch) -> None:
        numbers = batch.column("number").to_numpy()
        reason = "not in any file of addresses"
        self._why[reason] += len(numbers)
        for at, people in zip(*np.unique(self._group_of[numbers], return_counts=True), strict=True):
            self._of_group[self._groups[int(at)]] += int(people)
        rows = pa.table(
            {
                "who": batch.column("digest").cast(pa.binary(16)),
                "person": batch.column("number"),
                "audience": pa.array(np.full(len(numbers), -1), pa.int16()),
                "zone": pa.array(np.zeros(len(numbers)), pa.int16()),
                "guardian": pa.array(np.zeros(len(numbers), bool)),
                "why": pa.array([reason] * len(numbers)),
            },
            schema=RECIPIENTS,
        )
        self._writer(EXCLUDED).add(rows, None)

    def refuse_missing_texts(self, folder: Path) -> None:
        """Raises `FaultsError` where somebody could be told and there is no text for them."""
        faults = [
            Fault(
                code="notice.no-text",
                message=f"no text for {people:,} people: group {each.group}, {each.place}, {each.language}",
                where=Where(file=str(folder)),
                hint=f"Put one there by {' or '.join(self._channels)}: `whosaw notice --out` names the files",
            )
            for each, people in ((self._audiences[at], many) for at, many in sorted(self._no_text.items()))
        ]
        if faults:
            raise FaultsError("notice.no-text", faults)

    def manifest(self, read: Sequence[BookRead]) -> Manifest:
        """Everything that was taken in, once all is."""
        for each in self._writers.values():
            each.end()
        parts = [
            PartOf(
                part=part,
                channel="none" if part == EXCLUDED else self._channels[part // len(WAVES)],
                wave=0 if part == EXCLUDED else part % len(WAVES),
                rows=writer.rows,
            )
            for part, writer in sorted(self._writers.items())
        ]
        since = None if self._plan.since is None else int(self._plan.since["version"])
        return Manifest(
            case=self._case,
            version=self._version,
            since=since,
            organisation=self._plan.loaded.case.organisation,
            label=self._label,
            channels=self._channels,
            audiences=tuple(self._audiences),
            zones=tuple(self._zones),
            texts=self._texts,
            parts=tuple(parts),
            pieces=tuple(piece for part in sorted(self._writers) for piece in self._writers[part].pieces),
            books=tuple(read),
            groups={group: self._of_group[group] for group in self._groups},
            excluded=dict(sorted(self._why.items())),
        )

    def _writer(self, part: int) -> PieceWriter:
        if part not in self._writers:
            self._writers[part] = PieceWriter(
                self._opened.files, self._opened.vault, label=self._label.encode(), part=part
            )
        return self._writers[part]

    def _place(self, text: str | None) -> int:
        """The place of law whose notice somebody gets; -1 where none of those that are sent is theirs."""
        law, facts = self._plan.loaded.law, self._plan.loaded.case.facts
        home = text.upper() if text else facts.unplaced
        for at, each in enumerate(self._plan.places):
            if law.jurisdictions[each.id].area.has(home):
                return at
        return -1

    def _language(self, text: str | None) -> int:
        """Their own language where there are notices in it, else the first one."""
        code = (text or "").partition("-")[0].lower()
        return self._plan.languages.index(code) if code in self._plan.languages else 0

    def _zone(self, text: str | None) -> int:
        if not text:
            return 0
        if text not in self._zones:
            try:
                ZoneInfo(text)
            except (ValueError, OSError):
                return 0
            self._zones.append(text)
        return self._zones.index(text)


def _coded(column: pa.Array, code: Callable[[str | None], int]) -> Ints:
    """The code of each text, worked out once for each that is different."""
    told = column.dictionary_encode(null_encoding="encode")
    codes = np.array([code(each) for each in told.dictionary.to_pylist()] or [code(None)], np.int64)
    found: Ints = codes[np.asarray(told.indices)]
    return found


def _addresses(columns: dict[str, pa.Array], minor: Bools) -> pa.Table:
    """Where each can be reached; those of a guardian in place of a minor's own."""
    mail = is_mail_address(columns["contact"])
    email = pc.coalesce(columns["email"], pc.if_else(mail, columns["contact"], None))
    phone = pc.coalesce(columns["phone"], pc.if_else(mail, None, columns["contact"]))
    young = pa.array(minor)
    email = pc.if_else(young, columns["guardian_email"], email)
    phone = pc.if_else(young, columns["guardian_phone"], phone)
    return pa.table(
        {
            "email": pc.if_else(is_mail_address(email), email, None),
            "phone": pc.if_else(is_phone(phone), phone, None),
            "post": pc.if_else(young, columns["guardian_post"], columns["post"]),
            "name": columns["name"],
        }
    )
