"""Proof of telling: a root over every attempt as it stands, journalled, signed and time-stamped; and the line of one person under it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.app.asking.looks import record_look
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import Entry, Signature
from whosaw.core.document import JsonObject, object_of
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros
from whosaw.evidence.keys import load_signer
from whosaw.evidence.time_stamp import Authority
from whosaw.sending.keys import Keys, message_of
from whosaw.sending.proof import Tree, leaf_of
from whosaw.store.files import parquet_bytes
from whosaw.store.journal import Journal
from whosaw.store.repositories.entries import signatures
from whosaw.store.sending.sending_store import Attempt, SendingRow, SendingStore
from whosaw.store.workspace import Workspace

from .manifest import Manifest, open_pieces, read_manifest

__all__ = ["LINE", "OpenedLine", "Root", "open_lines", "prove", "root_message"]

LINE: Final = "whosaw notice line 1"
_AT_ONCE: Final = 131_072
_PARTS: Final = "part-proof"
_SHOWN: Final = 16  # digits of a key in the name of a file
_SCHEMA: Final = pa.schema(
    [
        ("part", pa.int32()),
        ("row", pa.int64()),
        ("n", pa.int32()),
        ("channel", pa.string()),
        ("state", pa.string()),
        ("handed", pa.int64()),
        ("answered", pa.int64()),
        ("code", pa.int32()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The root over all attempts of a list, as of an entry of the journal. `signer` is the fingerprint of the key, `stamped` whether an
    authority stamped it."""

    case: str
    version: int
    leaves: int
    root: str
    entry: int
    signer: str | None
    stamped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLine:
    """One attempt with all that proves it, as a document that stands by itself, the number of its leaf, and a name for its file: case,
    version, the first digits of the key that is in the Message-ID of the notice, the attempt, and the journal entry of the root. So it
    tells whose it is to whoever has the notice, and to nobody else; no other line has this name."""

    number: int
    document: JsonObject
    name: str


def root_message(case: str, version: int, root: str, leaves: int) -> bytes:
    """What is signed and stamped. The words in front keep it from meaning anything else."""
    said = {"case": case, "version": version, "root": root, "leaves": leaves}
    return b"whosaw notice root 1\n" + canonical_json(said)


@asks(Verb.SEAL, "proof of telling", root="workspace", case="case")
def prove(
    case: str,
    *,
    workspace: Path,
    now: datetime,
    version: int | None = None,
    key: Path | None = None,
    certificate: Path | None = None,
    passphrase: bytes | None = None,
    tsa: str | None = None,
    key_file: Path | None = None,
) -> Root:
    """Put the root over every attempt into the custody journal, with a signature and a time stamp where they are asked for."""
    signer = load_signer(key, certificate_file=certificate, passphrase=passphrase, now=now) if key else None
    authority = Authority(tsa) if tsa else None
    with _opened(workspace, key_file) as (opened, store):
        row = store.find(case, version)
        manifest = read_manifest(opened.files, opened.journal, row)
        kept = list(_keep(opened, store, row))
        tree = Tree()
        for leaf, _, _ in _Leaves(opened, row, manifest).of(_kept_attempts(opened, kept)):
            tree.add(leaf)
        root = tree.root()[0].hex()
        message = root_message(row.case, row.version, root, tree.leaves)
        signed = signer.part(signer.sign(message)) if signer else None
        stamp = authority.ask(message) if authority else None
        sealed = {
            "signature": None if signed is None else json.loads(signed),
            "stamp": None if stamp is None else base64.b64encode(stamp).decode(),
        }
        body = {
            "case": row.case,
            "version": row.version,
            "root": root,
            "leaves": tree.leaves,
            "attempts": kept,
            "sealed": opened.files.put("root", canonical_json(sealed)),
        }
        with opened.journal.transaction() as connection:
            entry = opened.journal.record(connection, "notice.root", body, now=now)
        return Root(
            case=row.case,
            version=row.version,
            leaves=tree.leaves,
            root=root,
            entry=entry,
            signer=signer.named()["sha256"] if signer else None,
            stamped=stamp is not None,
        )


@asks(Verb.EXPORT, "line of telling", root="workspace", case="case")
def open_lines(
    case: str,
    person: str,
    *,
    workspace: Path,
    reason: str,
    now: datetime,
    version: int | None = None,
    key_file: Path | None = None,
) -> tuple[OpenedLine, ...]:
    """Every attempt to tell one person, under the newest root, each as a document that shows nothing of anybody else. The look is
    journalled first."""
    from whosaw.app.asking.identifiers import person_of
    from whosaw.store.ledger import LedgerReader

    with _opened(workspace, key_file) as (opened, store):
        row = store.find(case, version)
        manifest = read_manifest(opened.files, opened.journal, row)
        said, entry, signed = _newest_root(opened.journal, row)
        reader = LedgerReader(opened)
        try:
            number = person_of(reader, person)
        finally:
            reader.close()
        record_look(opened, {"person": [number]}, what="notice line", reason=reason, now=now)
        place = _place_of(opened, manifest, number)
        if place is None:
            raise WhosawError(
                "notice.not-a-recipient",
                f"this person is no recipient of {row.case} {row.version}",
                hint="`whosaw notice status` says which lists there are",
            )
        leaves = _Leaves(opened, row, manifest)
        found: dict[int, tuple[bytes, JsonObject]] = {}
        for at, (_, nonce, attempt) in enumerate(leaves.of(_kept_attempts(opened, said["attempts"]))):
            if (attempt.part, attempt.row) == place:
                found[at] = nonce, leaves.line(attempt)
        tree = Tree(found)
        for leaf, _, _ in leaves.of(_kept_attempts(opened, said["attempts"])):
            tree.add(leaf)
        root, ways = tree.root()
        if root.hex() != said["root"]:
            raise WhosawError(
                "notice.root-differs",
                "the attempts that were kept do not lead to the root in the custody journal",
                hint="Somebody changed the workspace; restore it from a backup",
            )
        sealed = json.loads(opened.files.read(said["sealed"]))
        return tuple(
            OpenedLine(
                number=at,
                name=f"{row.case}-{row.version}-{str(line['key'])[:_SHOWN]}-{line['attempt']}-entry-{entry.seq}.json",
                document={
                    "what": LINE,
                    "line": line,
                    "nonce": nonce.hex(),
                    "number": at,
                    "leaves": tree.leaves,
                    "way": [each.hex() for each in ways[at]],
                    "root": said["root"],
                    "case": row.case,
                    "version": row.version,
                    "entry": object_of(entry),
                    "custody": None if signed is None else object_of(signed),
                    **sealed,
                },
            )
            for at, (nonce, line) in found.items()
        )


class _Leaves:
    """Makes the leaf of each attempt out of what was frozen."""

    def __init__(self, opened: Workspace, row: SendingRow, manifest: Manifest) -> None:
        self._row, self._manifest, self._vault = row, manifest, opened.vault
        self._pieces = open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces)
        self._keys = Keys(opened.vault)
        self._texts = {(each.audience, each.channel): each.sha256 for each in manifest.texts}

    def of(self, attempts: Iterator[Attempt]) -> Iterator[tuple[bytes, bytes, Attempt]]:
        """Hash, nonce and attempt of each leaf, in order."""
        for each in attempts:
            place = f"{self._row.id}/{each.part}/{each.row}/{each.n}/{each.state}".encode()
            nonce = self._vault.digest_rows("notice nonce", np.frombuffer(place, np.uint8).reshape(1, -1))[0]
            line = canonical_json(self.line(each))
            yield leaf_of(nonce.tobytes(), line), nonce.tobytes(), each

    def line(self, attempt: Attempt) -> JsonObject:
        """What is said of an attempt. `key` stands in the Message-ID of the notice, so whoever has it can find it."""
        who = self._pieces.recipient(attempt.part, attempt.row)
        text = self._texts.get((self._manifest.audiences[who.audience], attempt.channel), "")
        message = message_of(self._row.case, self._row.version, attempt.channel, text)
        return {
            "key": self._keys.key(who.who, message),
            "attempt": attempt.n,
            "channel": attempt.channel,
            "text": text,
            "guardian": who.guardian,
            "state": attempt.state,
            "handed": _instant(attempt.handed),
            "answered": _instant(attempt.answered),
            "code": attempt.code,
        }


def _instant(micros: int | None) -> str | None:
    return None if micros is None else format_instant(from_micros(micros))


def _keep(opened: Workspace, store: SendingStore, row: SendingRow) -> Iterator[str]:
    """Keep the attempts as they stand, piece by piece; returns the names of the files."""
    rows: list[dict[str, Any]] = []
    for each in store.attempts(row.id):
        rows.append({name: getattr(each, name) for name in _SCHEMA.names})
        if len(rows) == _AT_ONCE:
            yield opened.files.put("attempts", parquet_bytes(pa.Table.from_pylist(rows, _SCHEMA)))
            rows = []
    if rows:
        yield opened.files.put("attempts", parquet_bytes(pa.Table.from_pylist(rows, _SCHEMA)))


def _kept_attempts(opened: Workspace, names: Sequence[str]) -> Iterator[Attempt]:
    for name in names:
        for row in pq.read_table(pa.BufferReader(opened.files.read(name))).to_pylist():
            yield Attempt(**row, next=None, reply=None)


def _newest_root(journal: Journal, row: SendingRow) -> tuple[Mapping[str, Any], Entry, Signature | None]:
    for entry in reversed(journal.entries("notice.root")):
        said = json.loads(entry.body)
        if (said.get("case"), said.get("version")) == (row.case, row.version):
            signed = next((each for each in signatures(journal) if each.seq == entry.seq), None)
            return said, entry, signed
    raise WhosawError(
        "notice.no-root",
        f"nothing of {row.case} {row.version} was proven yet",
        hint="`whosaw notice prove` puts the root of all attempts into the custody journal",
    )


def _place_of(opened: Workspace, manifest: Manifest, number: int) -> tuple[int, int] | None:
    pieces = open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces)
    for piece, rows in pieces.every():
        found = np.flatnonzero(rows["person"].to_numpy() == number)
        if len(found):
            return piece.part, piece.first + int(found[0])
    return None


@contextmanager
def _opened(root: Path, key_file: Path | None) -> Iterator[tuple[Workspace, SendingStore]]:
    """A workspace and its attempts, closed together. What is being written stands apart from what a scan clears away when it begins."""
    workspace = Workspace.open(root, key_file=key_file)
    workspace.files = workspace.files.beside(_PARTS)
    try:
        store = SendingStore(workspace.root)
        try:
            yield workspace, store
        finally:
            store.close()
    finally:
        workspace.close()
