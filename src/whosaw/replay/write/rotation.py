"""One file a day, rotated and packed as logrotate leaves them."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LogFile", "file_name", "write_text"]

_GZIP_LEVEL = 4
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A file as written. `bytes` and `sha256` are those of its text before packing."""

    name: str
    lines: int
    bytes: int
    sha256: str


def file_name(name: str, back: int, *, packed: bool) -> str:
    """The name of the file of so many days before the last one."""
    return name + (f".{back}" if back else "") + (".gz" if packed else "")


def write_text(
    path: Path, pieces: Iterable[tuple[int, memoryview]], *, packed: bool, rotated_ms: int
) -> LogFile:
    """Write pieces of (lines, text) one after another; the file was last changed when it was rotated.

    The same text gives the same bytes: a packed file is one gzip member without a time or a name.
    """
    digest, lines, size = hashlib.sha256(), 0, 0
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS) if packed else None
    checksum = 0
    with path.open("wb", buffering=0) as handle:
        if packer is not None:
            handle.write(_HEADER)
        for count, text in pieces:
            lines, size = lines + count, size + len(text)
            digest.update(text)
            if packer is not None:
                checksum = zlib.crc32(text, checksum)
                _write_all(handle.fileno(), packer.compress(text))
            else:
                _write_all(handle.fileno(), text)
        if packer is not None:
            tail = checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
            _write_all(handle.fileno(), packer.flush() + tail)
    os.utime(path, ns=(rotated_ms * 1_000_000, rotated_ms * 1_000_000))
    return LogFile(name=path.name, lines=lines, bytes=size, sha256=digest.hexdigest())


def _write_all(descriptor: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
