"""What of a content is new: nothing, its end, or all of it.

A content is known by its bytes, not by its name: a rotated, renamed or re-packed log is found again by its first bytes
and then checked, byte for byte through SHA-256, up to where it was read. Only a file that is the same on disk in size and
time of change is passed over unread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whosaw.ingest.content import Content
from whosaw.ingest.event_file import RowReader, holds_rows
from whosaw.ingest.reader import ContentReader
from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.manifest import content_segments, find_begun, find_contents

__all__ = [
    "HEAD_BYTES",
    "Candidate",
    "candidates",
    "head_of",
    "place_of",
    "restore",
    "stamp_of",
    "still_there",
    "unchanged",
]

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A known content that this one may continue: its bytes up to `known` have the digest `digest`.

    Reading goes on at `end`, with `line` as the next line and `state` for the parser. `end` is before `known` where the
    last line had no end yet, or the content is a document that is read as a whole; `tail` is what was read of that.
    """

    row: dict[str, Any]
    known: int
    digest: str
    end: int
    line: int
    state: str | None
    tail: tuple[dict[str, Any], ...]
    segments: tuple[dict[str, Any], ...]

    @property
    def id(self) -> int:
        return int(self.row["id"])


def stamp_of(content: Content) -> str:
    """Size and time of change of the file on disk, in which a change shows."""
    return json.dumps([content.size, content.mtime_ns, content.place, content.member_size])


def place_of(content: Content) -> str:
    """All that is needed to open the content again, as JSON."""
    return json.dumps(
        {
            "name": content.name,
            "source": content.source,
            "path": str(content.path) if content.path is not None else None,
            "member": content.member,
            "packing": list(content.packing),
            "size": content.size,
            "mtime_ns": content.mtime_ns,
            "place": content.place,
            "member_size": content.member_size,
        },
        sort_keys=True,
    )


def restore(place: str) -> Content:
    """The content that `place_of` described."""
    told = json.loads(place)
    return Content(
        name=told["name"],
        source=told["source"],
        path=Path(told["path"]) if told["path"] is not None else None,
        member=told["member"],
        packing=tuple(told["packing"]),
        size=told["size"],
        mtime_ns=told["mtime_ns"],
        place=told["place"],
        member_size=told["member_size"],
    )


def head_of(sample: bytes, size: int = HEAD_BYTES) -> tuple[str, int]:
    """Digest of the first bytes and how many they were."""
    head = sample[:size]
    return hashlib.sha256(head).hexdigest(), len(head)


def _heads(sample: bytes, sizes: Sequence[int]) -> list[str]:
    """Digests of the first bytes, for each of the ascending `sizes`; every byte is taken in once."""
    digest, heads, at = hashlib.sha256(), [], 0
    for size in sizes:
        digest.update(sample[at:size])
        heads.append(digest.copy().hexdigest())
        at = size
    return heads


def unchanged(journal: Journal, content: Content) -> dict[str, Any] | None:
    """The known content of this name whose file on disk did not change since it was read whole; else None."""
    if content.path is None or content.mtime_ns is None:
        return None
    for row in find_contents(journal, content.name)[:1]:
        if row["complete"] and row["stamp"] == stamp_of(content):
            return row
    return None


def candidates(journal: Journal, content: Content, sample: bytes) -> list[Candidate]:
    """Known contents that begin as this one does, the one of the same name first. Their bytes up to `end` must still be checked."""
    column = tables.content.c
    sizes = journal.rows(
        sa.select(column.head_size)
        .where(column.head_size > 0, column.head_size <= len(sample))
        .distinct()
        .order_by(column.head_size)
    )
    rows = find_begun(journal, _heads(sample, [row["head_size"] for row in sizes]))
    rows.sort(key=lambda row: (row["name"] != content.name, -row["size"], -row["id"]))
    return [found for found in (_candidate(journal, row) for row in rows) if found is not None]


def _candidate(journal: Journal, row: dict[str, Any]) -> Candidate | None:
    segments = content_segments(journal, row["id"])
    if not segments:
        return None
    kept = [segment for segment in segments if segment["terminated"]]
    last: dict[str, Any] | None = kept[-1] if kept else None
    return Candidate(
        row=row,
        known=segments[-1]["end"],
        digest=segments[-1]["digest"],
        end=last["end"] if last else 0,
        line=last["first_line"] + last["lines"] if last else 1,
        state=last["state"] if last else None,
        tail=tuple(segment for segment in segments if not segment["terminated"]),
        segments=tuple(segments),
    )


def still_there(row: dict[str, Any]) -> bool:
    """Whether the file that was read under its old name is there and still begins as it did: then this is a copy of it.

    A rotated log is not: under its old name stands the new log, which begins otherwise.
    """
    place = restore(row["place"])
    if place.path is None or not place.path.exists():
        return False
    if holds_rows(place):
        with RowReader(place) as rows:
            return bool(rows.digest == row["digest"])
    with ContentReader(place, any_version=True) as reader:
        first = next(iter(reader), None)
    return first is not None and head_of(first.data, row["head_size"])[0] == row["head"]
