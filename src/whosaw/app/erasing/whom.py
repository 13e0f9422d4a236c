"""Whom an erasure means: the keyed digests of all identifiers that stand for them, and what of them is under a hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from whosaw.app.asking.identifiers import person_of
from whosaw.core.errors import WhosawError
from whosaw.logs.hold.journal import active_holds
from whosaw.sending.address_book import is_mail_address, is_phone, mail_form, phone_form
from whosaw.store import statements as sa
from whosaw.store.erased import CONTACT, ErasedDigest
from whosaw.store.erasing import Digests, holding
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.facts import facts_of_raw
from whosaw.store.numbers.raws import Identities
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

__all__ = ["Whom", "by_kind", "holds_over", "whom"]

_SHORTEST: Final = 7  # letters of a telephone number or mail address: an id may look like a shorter one


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Keyed digests of everything that names somebody. `numbers` are theirs in the ledger, `texts` the identifiers themselves, which
    are looked for and never shown. `new`: some of it was not erased before."""

    digests: tuple[ErasedDigest, ...]
    numbers: tuple[int, ...]
    texts: tuple[str, ...] = field(repr=False)
    new: bool


def whom(workspace: Workspace, text: str, also: Sequence[str] = ()) -> Whom:
    """Find a person by any identifier of theirs, with further ones that they are known by. Raises `WhosawError` where none of them is
    known here, to the ledger or as an address of somebody who has no account."""
    reader = LedgerReader(workspace)
    try:
        found = _Found(workspace, reader)
        found.person(text)
        for each in also:
            found.also(each)
        return found.whom()
    finally:
        reader.close()


class _Found:
    def __init__(self, workspace: Workspace, reader: LedgerReader) -> None:
        self._workspace, self._reader = workspace, reader
        self._digests: dict[tuple[str, bytes], ErasedDigest] = {}
        self._numbers: list[int] = []
        self._texts: dict[str, None] = {}

    def person(self, text: str) -> None:
        """A person that the ledger knows, or a contact."""
        try:
            number = person_of(self._reader, text)
        except WhosawError as fault:
            if fault.code != "person.unknown" or not self._contact(text.strip()):
                raise
            return
        self._numbers.append(number)
        raw = Identities(self._reader).raw({"person": [number]})["person"].get(number)
        if raw is None:
            digest = self._reader.session.query(
                "SELECT digest FROM identities WHERE kind = ? AND number = ?", [KINDS["person"], number]
            )["digest"][0].as_py()
            self._add(ErasedDigest(kind="person", digest=bytes(digest)))
            return
        vault = self._workspace.vault
        self._add(
            ErasedDigest(kind="person", digest=vault.digest("person", raw), facts=facts_of_raw(vault, raw))
        )
        bare = raw.partition("\x1f")[2]
        self._principal(bare)
        if "@" in bare:
            self._contact(bare)
        for spelled in (text.strip(), bare):
            self._texts.setdefault(spelled)

    def also(self, text: str) -> None:
        """A further identifier of theirs: another id, a name that they log in with, a mail address, a telephone number."""
        bare = text.strip()
        self._texts.setdefault(bare)
        self._principal(bare)
        known = self._contact(bare)
        try:
            number = person_of(self._reader, bare)
        except WhosawError as fault:
            if fault.code != "person.unknown":
                raise
            if not known and self._reader.number_of("principal", bare) is None:
                raise
            return
        if number not in self._numbers:
            self.person(bare)

    def _principal(self, text: str) -> None:
        self._add(ErasedDigest(kind="principal", digest=self._workspace.vault.digest("principal", text)))

    def _contact(self, text: str) -> bool:
        """Take it in as an address; whether it is one."""
        one = pa.array([text])
        for is_one, form in ((is_mail_address, mail_form), (is_phone, phone_form)):
            if is_one(one)[0].as_py() and len(text) >= _SHORTEST:
                told = form(one)[0].as_py()
                self._add(ErasedDigest(kind=CONTACT, digest=self._workspace.vault.digest(CONTACT, told)))
                self._texts.setdefault(text)
                return True
        return False

    def _add(self, each: ErasedDigest) -> None:
        self._digests.setdefault((each.kind, each.digest), each)

    def whom(self) -> Whom:
        erased = self._workspace.vault.erased
        return Whom(
            digests=tuple(self._digests.values()),
            numbers=tuple(dict.fromkeys(self._numbers)),
            texts=tuple(each for each in self._texts if not re.fullmatch(r"p\d+", each)),
            new=any(not erased.has(*key) for key in self._digests),
        )


def by_kind(digests: Iterable[ErasedDigest]) -> Digests:
    """The digests alone, by kind."""
    found: dict[str, list[bytes]] = {}
    for each in digests:
        found.setdefault(each.kind, []).append(each.digest)
    return found


def holds_over(workspace: Workspace, digests: Digests) -> tuple[tuple[str, frozenset[bytes] | None], ...]:
    """The active holds that cover something of these people: the number of each with the digests of those whom it covers, None where that
    cannot be told of a held file, because the ledger never read it, so that it may be anybody."""
    holds = active_holds(workspace)
    if not holds:
        return ()
    content = tables.content.c
    rows = workspace.journal.rows(sa.select(content.id, content.name, content.digest, content.head))
    known = {value: row["id"] for row in rows for value in (row["name"], row["digest"], row["head"])}
    contents = _contents_holding(workspace, digests)
    out: list[tuple[str, frozenset[bytes] | None]] = []
    for hold in holds:
        files = [
            {known[key] for key in (each.name, each.digest, each.head) if key in known} for each in hold.files
        ]
        if not all(files):
            out.append((hold.id, None))
        elif covered := frozenset().union(
            *(contents.get(each, frozenset()) for ids in files for each in ids)
        ):
            out.append((hold.id, covered))
    return tuple(out)


def _contents_holding(workspace: Workspace, digests: Digests) -> dict[int, frozenset[bytes]]:
    """By content, the digests of people among these whom its lines name."""
    asked = {"person": digests.get("person", ())}
    table = tables.segment.c
    of = {row["id"]: row["content"] for row in workspace.journal.rows(sa.select(table.id, table.content))}
    found: dict[int, set[bytes]] = {}
    for each in holding(workspace, asked):
        found.setdefault(of[each.segment], set()).update(each.digests["person"])
    return {content: frozenset(each) for content, each in found.items()}
