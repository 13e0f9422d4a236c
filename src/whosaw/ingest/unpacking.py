"""Decompressors of one shape: bytes in, at most so many bytes out, so that no input can fill the memory."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Protocol

__all__ = ["Unpacker", "first_bytes", "new_unpacker", "unpack_errors"]


class Unpacker(Protocol):
    """Unpacks one member (gzip), frame (zstd) or stream (bzip2, xz)."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib in the shape of the other decompressors. A damaged member gives every byte before the damage."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)  # 31: a gzip header and trailer, checked
        self._tail = b""
        self._damage: zlib.error | None = None
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._damage is not None:
            raise self._damage
        packed = self._tail + data if self._tail else data
        before = self._zlib.copy()
        try:
            out = self._zlib.decompress(packed, max_length)
        except zlib.error as error:
            return self._salvage(before, packed, max_length, error)
        self._tail = self._zlib.unconsumed_tail
        self.needs_input = not self._tail and len(out) < max_length
        return out

    def _salvage(self, before: zlib._Decompress, packed: bytes, max_length: int, error: zlib.error) -> bytes:
        """zlib drops the output of the call that fails; feed it byte by byte to have what comes before."""
        out = bytearray()
        self._damage = error
        self.needs_input = False
        for at in range(len(packed)):
            try:
                out += before.decompress(packed[at : at + 1], max_length)
            except zlib.error:
                break
        if not out:
            raise error
        return bytes(out)


def new_unpacker(kind: str) -> Unpacker:
    """A decompressor for one of gz, zst, bz2, xz."""
    match kind:
        case "gz":
            return _Gzip()
        case "bz2":
            return bz2.BZ2Decompressor()
        case "xz":
            # 256 MiB holds every dictionary that `xz -9` makes (64 MiB) and refuses absurd ones
            return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=256 << 20)
        case "zst":
            import backports.zstd

            return backports.zstd.ZstdDecompressor()
    raise ValueError(f"no decompressor for {kind}")


def unpack_errors() -> tuple[type[Exception], ...]:
    """What a decompressor raises on damaged input."""
    import backports.zstd

    return (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, backports.zstd.ZstdError)


def first_bytes(kind: str, packed: bytes, size: int) -> bytes:
    """Up to `size` first bytes of what is packed; fewer if `packed` is cut or damaged."""
    unpacker = new_unpacker(kind)
    out = b""
    try:
        while len(out) < size:
            out += unpacker.decompress(packed, size - len(out))
            packed = b""
            if unpacker.eof:
                packed = unpacker.unused_data
                if not packed:
                    break
                unpacker = new_unpacker(kind)
            elif unpacker.needs_input:
                break
    except unpack_errors():
        return out  # what is wrong is found and named when the content is read
    return out
