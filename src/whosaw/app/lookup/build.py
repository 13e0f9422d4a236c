"""`whosaw lookup build`: a sealed table of what can be answered to whom, from one version of a case and files of contacts."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.sending.numbers import KnownPersons
from whosaw.core.errors import WhosawError
from whosaw.law.loaded_case import LawCase, load_case
from whosaw.lookup.answer import CANARY, RECORD, Facts, State, Whose
from whosaw.lookup.table import LookupTable, TableWriter, key_mark
from whosaw.packs.contacts import canonical
from whosaw.sending.address_book import BookFile, mail_form, phone_form
from whosaw.sending.book_marks import marked, minors
from whosaw.store.erased import CONTACT
from whosaw.store.files import write_atomically
from whosaw.store.key_file import load_key
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.vault import Vault
from whosaw.store.workspace import Workspace

from .days import Days
from .facts_of import SeenSets, facts_of
from .told import refuse_behind

__all__ = ["BookUsed", "Built", "build_table"]

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookUsed:
    """A file of contacts: its SHA-256, its rows, and how many of them had a contact that can be looked up."""

    file: str
    sha256: str
    rows: int
    reached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A table that was made: how many contacts it holds and, by what they are told, how many people. `without_contact` are people of the scope
    who stand in it under no contact, `codes` those of them who get one on paper. `key` is the mark of the key that it stands on."""

    case: str
    version: int
    table: str
    sha256: str
    key: str
    contacts: int
    people: Mapping[str, int]
    without_contact: int
    codes: int
    canaries: int
    books: tuple[BookUsed, ...]
    days: str
    entry: int


@asks(Verb.TELL, "look-up table", root="workspace")
def build_table(
    path: Path,
    version: int,
    out: Path,
    *,
    workspace: Path,
    books: Sequence[Path],
    now: datetime,
    table_key: Path,
    country: str = "",
    minor_under: int = 14,
    languages: Sequence[str] = (),
    canaries: Path | None = None,
    codes: Path | None = None,
    key_file: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Built:
    """Make the table `out` of a version of the case file `path`. Its key is kept in `table_key` and made where it is not there.

    The custody journal has the digest of the table, of what it was made from and of the codes before any of these files has its name.
    Raises `WhosawError` and leaves no table where a file cannot be used.
    """
    files = [BookFile.of(each) for each in books]
    loaded = load_case(path, workspace=workspace)
    refuse_behind(workspace, loaded.case.name, version)
    marks = (
        _canaries(canaries, _country(country, loaded)) if canaries is not None else pa.array([], pa.string())
    )
    with closing(Workspace.open(workspace, key_file=key_file)) as opened:
        master = load_key(table_key, create=True)
        with TableWriter(out, master) as writer:
            work = _Building(loaded, version, opened, writer, _country(country, loaded), minor_under, now)
            used = [work.read(each, progress) for each in files]
            work.add_canaries(marks)
            facts = work.facts(languages, paper=codes is not None)
            contacts, digest = writer.write(facts)
            built = work.end(out, digest, key_mark(master), contacts, used, codes)
            writer.finish()
            return built


def _country(asked: str, loaded: LawCase) -> str:
    return (asked or loaded.case.facts.unplaced or "").partition("-")[0].upper()


def _canaries(path: Path, country: str) -> pa.Array:
    """Contacts of nobody, one a line; each has to be one."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        raise WhosawError(
            "lookup.canaries",
            f"{path} cannot be read ({type(fault).__name__})",
            hint="One contact a line, UTF-8",
        ) from fault
    found = _keys(pa.array(lines, pa.string()), country, "contact")
    for at, key in enumerate(found.to_pylist(), start=1):
        if key is None:
            raise WhosawError(
                "lookup.canaries",
                f"line {at} of {path.name} is neither a mail address nor a number",
                hint="Write numbers with + and the country code",
            )
    return found


def _keys(texts: pa.Array, country: str, column: str) -> pa.Array:
    """What each text is looked up by; null where it is no contact."""
    mail = pc.binary_join_element_wise("mail", canonical("mail", texts), ":")
    if column.endswith("email"):
        return mail
    phone = pc.binary_join_element_wise("phone", canonical("phone", texts, country), ":")
    return phone if column.endswith("phone") else pc.coalesce(mail, phone)


class _Building:
    """Turns batches of files of contacts into records of the table."""

    def __init__(
        self,
        loaded: LawCase,
        version: int,
        opened: Workspace,
        writer: TableWriter,
        country: str,
        minor_under: int,
        now: datetime,
    ) -> None:
        self._loaded, self._opened, self._writer = loaded, opened, writer
        self._country, self._minor_under, self._now = country, minor_under, now
        store = CaseStore(opened)
        self._version = store.get(loaded.case.name, version)
        self._sets = store.sets(loaded.case.name, version)
        self._held: BitMap = self._sets.get("held", BitMap())
        self._possible: BitMap = self._sets.get("possible", BitMap())
        self._seen = SeenSets(self._sets)
        self._days = Days.of(opened, self._version, loaded.case.zone)
        self._persons = KnownPersons(opened)
        self._reached = BitMap()
        self._people: Counter[str] = Counter()
        self._codes: list[tuple[str, str, str, str]] = []
        self._canaries = 0

    def read(self, book: BookFile, progress: Callable[[int], None]) -> BookUsed:
        """Take in a file of contacts."""
        rows = reached = 0
        for batch in book.batches():
            rows += batch.num_rows
            reached += self._take({name: batch[name].combine_chunks() for name in batch.column_names})
            progress(rows)
        return BookUsed(file=book.path.name, sha256=book.digest(), rows=rows, reached=reached)

    def _take(self, columns: Mapping[str, pa.Array]) -> int:
        numbers, digests = self._persons.find(columns["subject"])
        erased = self._opened.vault.erased.among("person", digests)
        if erased.any():
            at = np.flatnonzero(~erased)
            columns = {name: column.take(pa.array(at)) for name, column in columns.items()}
            numbers = numbers[at]
        named = np.asarray(columns["subject"].is_valid())
        records = self._records(columns, numbers, named)
        persons = np.zeros(len(numbers), np.uint64)
        if named.any():
            at = np.flatnonzero(named)
            told = columns["subject"].take(pa.array(at)).cast(pa.string())
            digests = self._opened.vault.digest_all("lookup person", told)
            persons[at] = np.ascontiguousarray(digests[:, :8]).view("<u8").reshape(-1)
        minor = minors(columns["born"], under=self._minor_under, now=self._now)
        gone = marked(columns["deceased"])
        own = records.copy()
        own["state"][minor] = State.GUARDIAN
        own["state"][gone] = State.OFFICE
        child = records.copy()
        child["whose"] = Whose.CHILD
        reached = np.zeros(len(numbers), bool)
        everybody = np.ones(len(numbers), bool)
        for column in ("email", "phone", "contact"):
            reached |= self._add(columns[column], column, persons, own, everybody) & ~minor
        for column in ("guardian_email", "guardian_phone"):
            reached |= self._add(columns[column], column, persons, child, minor & ~gone)
        self._count(records, minor, gone)
        self._reached.update(numbers[reached & (numbers >= 0)].astype(np.uint32).tolist())
        concerned = np.isin(records["state"], (State.SEEN, State.PERHAPS))
        self._paper(columns, records, persons, named & concerned & ~reached & ~gone, minor)
        return int(reached.sum())

    def _add(
        self,
        texts: pa.Array,
        column: str,
        persons: npt.NDArray[np.uint64],
        records: npt.NDArray[np.void],
        whom: Bools,
    ) -> Bools:
        keys = _keys(texts, self._country, column)
        there = np.asarray(keys.is_valid()) & whom & ~self._erased(texts)
        at = np.flatnonzero(there)
        if len(at):
            self._writer.add(keys.take(pa.array(at)), persons[at], records[at])
        return there

    def _erased(self, texts: pa.Array) -> Bools:
        """Which contacts belong to who was erased, and are not taken in again."""
        gone = np.zeros(len(texts), bool)
        erased = self._opened.vault.erased
        if erased.of(CONTACT):
            forms = pc.coalesce(mail_form(texts), phone_form(texts))
            at = np.flatnonzero(np.asarray(forms.is_valid()))
            told = forms.take(pa.array(at)).cast(pa.string())
            gone[at] = erased.among(CONTACT, self._opened.vault.digest_all(CONTACT, told))
        return gone

    def _records(self, columns: Mapping[str, pa.Array], numbers: Ints, named: Bools) -> npt.NDArray[np.void]:
        """What is known of each row's person, as if all were adults who live."""
        records = np.zeros(len(numbers), RECORD)
        records["state"] = State.REST
        known = np.flatnonzero(numbers >= 0)
        held, possible = self._within(numbers, known)
        records["state"][possible] = State.PERHAPS
        records["state"][held] = State.SEEN
        at = np.flatnonzero(held)
        records["seen"][at] = self._seen.of(numbers[at])
        records["first"][at], records["last"][at] = self._days.of_persons(numbers[at])
        others = np.flatnonzero(~named)
        if len(others):
            records["whose"][others] = Whose.BOOK
            owners, _ = self._persons.find(columns["saved_by"].take(pa.array(others)))
            owned = np.asarray(columns["saved_by"].is_valid())[others]
            records["state"][others] = self._of_books(owners, owned)
        return records

    def _of_books(self, owners: Ints, owned: Bools) -> npt.NDArray[np.uint8]:
        """Whoever stood in an address book may have been seen where a page with it was, or may have been: no log names who stood there."""
        maybe = np.full(len(owners), State.PERHAPS, np.uint8)
        if self._version.secondary.upper == 0:
            maybe[:] = State.REST
            return maybe
        at = np.flatnonzero(owned)
        held, possible = self._within(owners, at)
        beyond = self._days.books_of(owners[at])
        apart = owned & ~held & ~possible
        if beyond is not None:
            seen = np.zeros(len(owners), bool)
            seen[at] = beyond
            apart = owned & ~seen & ~possible
        maybe[apart] = State.REST
        return maybe

    def _within(self, numbers: Ints, at: Ints) -> tuple[Bools, Bools]:
        held, possible = np.zeros(len(numbers), bool), np.zeros(len(numbers), bool)
        asked = numbers[at].tolist()
        held[at] = np.fromiter((number >= 0 and number in self._held for number in asked), bool, len(at))
        possible[at] = np.fromiter(
            (number >= 0 and number in self._possible for number in asked), bool, len(at)
        )
        return held, possible & ~held

    def _count(self, records: npt.NDArray[np.void], minor: Bools, gone: Bools) -> None:
        """By what people are told, for the journal."""
        state = np.where(gone, State.OFFICE, records["state"])
        book = records["whose"] == Whose.BOOK
        told, many = np.unique(np.stack([state, minor & ~gone, book]), axis=1, return_counts=True)
        for (each, young, other), people in zip(told.T.tolist(), many.tolist(), strict=True):
            name = (
                State(each).name.lower()
                + (" through a guardian" if young else "")
                + (" in a book" if other else "")
            )
            self._people[name] += people

    def _paper(
        self,
        columns: Mapping[str, pa.Array],
        records: npt.NDArray[np.void],
        persons: npt.NDArray[np.uint64],
        whom: Bools,
        minor: Bools,
    ) -> None:
        """A code for each who has no contact: the same in every table of the case, so that a letter that was printed keeps its word."""
        at = np.flatnonzero(whom)
        if not len(at):
            return
        told = records[at].copy()
        told["whose"][minor[at]] = Whose.CHILD
        codes = paper_codes(self._opened.vault, self._loaded.case.name, persons[at])
        self._writer.add(pc.binary_join_element_wise("code", pa.array(codes), ":"), persons[at], told)
        post = pc.if_else(pa.array(minor), columns["guardian_post"], columns["post"])
        rows = zip(
            *(each.take(pa.array(at)).to_pylist() for each in (columns["subject"], columns["name"], post)),
            codes,
            strict=True,
        )
        self._codes += [
            (subject or "", name or "", address or "", code) for subject, name, address, code in rows
        ]

    def add_canaries(self, keys: pa.Array) -> None:
        """Contacts of nobody. What they are told is what most others are."""
        records = np.zeros(len(keys), RECORD)
        records["state"], records["whose"] = State.REST, CANARY
        self._writer.add(keys, np.zeros(len(keys), np.uint64), records)
        self._canaries = len(keys)

    def facts(self, languages: Sequence[str], *, paper: bool) -> Facts:
        """What is the same for everybody."""
        return facts_of(
            self._loaded,
            self._version,
            self._seen,
            languages,
            country=self._country,
            minor_under=self._minor_under,
            now=self._now,
            paper=paper,
            canaries=self._canaries,
        )

    def end(
        self,
        out: Path,
        digest: str,
        key: str,
        contacts: int,
        used: Sequence[BookUsed],
        codes: Path | None,
    ) -> Built:
        """Put it on record, and write the codes."""
        case, version = self._version.case, self._version.version
        listed = b"".join(_code_rows(self._codes)) if codes is not None else b""
        missing = len((self._held | self._possible) - self._reached)
        body = {
            "case": case,
            "version": version,
            "table": digest,
            "key": key,
            "contacts": contacts,
            "people": dict(sorted(self._people.items())),
            "without_contact": missing,
            "codes": len(self._codes) if codes is not None else 0,
            "codes_file": hashlib.sha256(listed).hexdigest() if codes is not None else None,
            "canaries": self._canaries,
            "books": [each.sha256 for each in used],
        }
        journal = self._opened.journal
        with journal.transaction() as connection:
            entry = journal.record(connection, "lookup.built", body, now=self._now)
        if codes is not None:
            write_atomically(codes, listed)
        return Built(
            case=case,
            version=version,
            table=str(out),
            sha256=digest,
            key=key,
            contacts=contacts,
            people=dict(sorted(self._people.items())),
            without_contact=missing,
            codes=len(self._codes) if codes is not None else 0,
            canaries=self._canaries,
            books=tuple(used),
            days="of each person" if self._days.exact else "of the case",
            entry=entry,
        )


def paper_codes(vault: Vault, case: str, persons: npt.NDArray[np.uint64]) -> list[str]:
    """Sixteen letters for each person, 80 bits that only the holder of the vault key can make."""
    of_case = np.frombuffer(hashlib.sha256(case.encode()).digest()[:16], np.uint8)
    told = np.ascontiguousarray(persons).view(np.uint8).reshape(-1, 8)
    digests = vault.digest_rows(
        "lookup code", np.concatenate([told, np.broadcast_to(of_case, (len(told), 16))], axis=1)
    )
    bits = np.unpackbits(digests[:, :10], axis=1).reshape(len(told), 16, 5)
    letters = bits @ np.array([16, 8, 4, 2, 1], np.uint8)
    return ["".join(_ALPHABET[each] for each in row) for row in letters.tolist()]


def _code_rows(codes: Sequence[tuple[str, str, str, str]]) -> Iterator[bytes]:
    """CSV (RFC 4180) for whoever prints the letters."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(("subject", "name", "post", "code"))
    for subject, name, post, code in codes:
        writer.writerow((subject, name, post, "-".join(code[at : at + 4] for at in range(0, 16, 4))))
    yield buffer.getvalue().encode("utf-8", "backslashreplace")


def open_table(path: Path, table_key: Path) -> LookupTable:
    """A table with the key beside it, or that which is named."""
    return LookupTable(path, load_key(table_key, create=False))
