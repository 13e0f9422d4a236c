"""What was frozen, as one document: its digest stands in the custody journal, and everything that is sent follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal, tables
from whosaw.store.sending.pieces import Piece, PieceReader
from whosaw.store.sending.sending_store import SendingRow
from whosaw.store.vault import Vault

from .texts import Audience, SentText

__all__ = [
    "EXCLUDED",
    "WAVES",
    "BookRead",
    "Manifest",
    "PartOf",
    "kept_manifest",
    "open_pieces",
    "read_manifest",
]

WAVES = ("staff", "1 %", "10 %", "rest")
EXCLUDED = 1_000
"""The number of the part that holds those to whom nothing goes."""
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """Recipients of one channel and wave."""

    part: int
    channel: str
    wave: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRead:
    """A file of addresses: its SHA-256, its rows, how many of them are recipients, and how many say again who was there already."""

    file: str
    sha256: str
    rows: int
    recipients: int
    again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`label` binds sealed addresses to this list; `channels` are in the order in which they are chosen. `groups` is how many recipients each group has, `excluded` how many get nothing by why."""

    case: str
    version: int
    since: int | None
    organisation: str
    label: str
    channels: tuple[str, ...]
    audiences: tuple[Audience, ...]
    zones: tuple[str, ...]
    texts: tuple[SentText, ...]
    parts: tuple[PartOf, ...]
    pieces: tuple[Piece, ...]
    books: tuple[BookRead, ...]
    groups: Mapping[str, int]
    excluded: Mapping[str, int]

    @property
    def recipients(self) -> int:
        """Everybody: those to whom something goes, and those to whom nothing does."""
        return sum(each.rows for each in self.parts)


def kept_manifest(files: ContentStore, manifest: Manifest) -> str:
    """Store a manifest; returns the name of its file."""
    return files.put("sending", canonical_json({"format": _FORMAT, **object_of(manifest)}))


def read_manifest(files: ContentStore, journal: Journal, row: SendingRow) -> Manifest:
    """The manifest of a sending, after its digest was held against the custody journal."""
    entries = journal.entries("notice.frozen", where=[tables.entry.c.seq == row.entry])
    said = json.loads(entries[0].body) if entries else {}
    if said.get("manifest") != row.manifest.partition(".")[0]:
        raise WhosawError(
            "notice.changed",
            f"what was frozen of {row.case} {row.version} is not what the custody journal says of it",
            hint="Somebody changed the workspace; restore it from a backup",
        )
    told = json.loads(files.read(row.manifest))
    if told.pop("format", None) != _FORMAT:
        raise WhosawError(
            "notice.newer", "another release of whosaw froze these recipients", hint="Use that one"
        )
    return Manifest(
        case=told["case"],
        version=told["version"],
        since=told["since"],
        organisation=told["organisation"],
        label=told["label"],
        channels=tuple(told["channels"]),
        audiences=tuple(Audience(**each) for each in told["audiences"]),
        zones=tuple(told["zones"]),
        texts=tuple(SentText(**{**each, "audience": Audience(**each["audience"])}) for each in told["texts"]),
        parts=tuple(PartOf(**each) for each in told["parts"]),
        pieces=tuple(Piece(**each) for each in told["pieces"]),
        books=tuple(BookRead(**each) for each in told["books"]),
        groups=told["groups"],
        excluded=told["excluded"],
    )


def open_pieces(files: ContentStore, vault: Vault, label: str, pieces: Sequence[Piece]) -> PieceReader:
    """The recipients and addresses that a manifest names."""
    return PieceReader(files, vault, label=label.encode(), pieces=pieces)
