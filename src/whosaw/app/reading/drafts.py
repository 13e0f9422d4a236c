"""The draft of a format for files whose layout nobody described."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from whosaw.ingest.drafts.propose import FormatDraft
from whosaw.ingest.drafts.propose import propose as propose_from
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.files.reader import ContentReader

__all__ = ["head_of", "propose"]

_MOST_FILES = 20
_HEAD_BYTES = 1 << 20


def propose(paths: Sequence[str], *, day: date, id_: str = "own") -> FormatDraft | None:
    """The draft for files of one layout: an item with the id `id_`, each column with its confidence, the fields that no column
    takes, and what is missing. None where the files are neither JSON nor key=value nor delimited text. The first MiB of 20 files
    at most is read, and nothing is kept. `day` is today's date."""
    contents = discover(paths).contents
    step = max(1, len(contents) // _MOST_FILES)
    return propose_from(list(_heads(contents[::step][:_MOST_FILES])), day=day, id_=id_)


def _heads(contents: Iterable[Content]) -> Iterable[bytes]:
    for content in contents:
        if not holds_rows(content) and (head := head_of(content)):
            yield head


def head_of(content: Content) -> bytes:
    """The first lines of a content, about a MiB of them; empty where it has none."""
    pieces: list[bytes] = []
    with ContentReader(content, chunk_bytes=_HEAD_BYTES) as reader:
        for chunk in reader:  # a last line without an end is a chunk of its own
            if pieces and sum(map(len, pieces)) + len(chunk.data) > _HEAD_BYTES:
                break
            pieces.append(chunk.data)
    return b"".join(pieces)
