"""Prints again what a locator points to, and only if the content is still the one that was read."""

from __future__ import annotations

from whosaw.core.errors import Where, WhosawError

from .content import Content
from .reader import ContentReader

__all__ = ["print_line", "read_verified"]

_CHUNK_BYTES = 8 << 20
_HOW = {  # whether it is an object
    False: "Run whosaw in the folder of that scan, put the file back where it was, or scan it at its new place",
    True: "Restore that version of it, or scan what stands there now",
}
MAX_DOCUMENT_BYTES = 512 << 20


def print_line(content: Content, digest_size: int, digest: str, line: int) -> bytes:
    r"""The original bytes of a line (from 1 on) without its `\n`, after checking that the first `digest_size`
    unpacked bytes still have the SHA-256 `digest`. What was appended since does not matter. A line beyond
    MAX_LINE_BYTES comes cut, as it was read. Raises `WhosawError`."""
    found: bytes | None = None
    with _again(content, digest_size) as reader:
        for chunk in reader:
            if chunk.first_line <= line < chunk.first_line + chunk.lines:
                found = _nth(chunk.data, line - chunk.first_line)
        _verify(reader, digest_size, digest)
    if found is None:
        raise WhosawError(
            "line.no-such-line",
            f"there is no line {line:,}: {reader.lines:,} lines were read from it",
            hint="Take the locator as a report or `whosaw rejects` prints it",
            where=Where(file=content.name),
        )
    return found


def read_verified(
    content: Content, digest_size: int, digest: str, *, at_most: int = MAX_DOCUMENT_BYTES
) -> bytes:
    """The first `digest_size` unpacked bytes, for contents whose unit is the record of a document, checked
    in the same way. Raises `WhosawError`, also above `at_most` bytes."""
    if digest_size > at_most:
        raise WhosawError(
            "line.too-large",
            f"{digest_size:,} bytes are too many to hold at once",
            hint="Open the file itself",
            where=Where(file=content.name),
        )
    pieces: list[bytes] = []
    with _again(content, digest_size) as reader:
        pieces.extend(chunk.data for chunk in reader)
        _verify(reader, digest_size, digest)
    return b"".join(pieces)


def _again(content: Content, digest_size: int) -> ContentReader:
    if not content.lasting:
        raise WhosawError(
            "line.from-stdin",
            "this line came from standard input, which cannot be read again",
            hint="Save the logs to a file and scan that, then its lines can be opened",
        )
    return ContentReader(content, stop=digest_size, chunk_bytes=_CHUNK_BYTES, any_version=True)


def _verify(reader: ContentReader, digest_size: int, digest: str) -> None:
    where = Where(file=reader.content.name)
    if reader.size == 0 < digest_size and reader.fault is not None:
        raise WhosawError(
            "line.cannot-read",
            f"the file cannot be read again ({reader.fault.removesuffix(': 0 lines read before')})",
            hint=_HOW[reader.content.stored is not None],
            where=where,
        )
    if (reader.size, reader.digest) != (digest_size, digest):
        raise WhosawError(
            "line.changed",
            "the file is not the one that was scanned (its digest differs), so the line is not shown",
            hint="Put the scanned version back, or scan this one",
            where=where,
        )


def _nth(data: bytes, index: int) -> bytes:
    start = 0
    for _ in range(index):
        start = data.index(b"\n", start) + 1
    end = data.find(b"\n", start)
    return data[start:] if end < 0 else data[start:end]
