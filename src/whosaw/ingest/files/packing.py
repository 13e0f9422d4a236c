"""What a file is packed in, told from its first bytes, not its name (`access.log.gz` may be plain text), and what unpacks it."""

from __future__ import annotations

import bz2
import lzma
import tarfile
import zlib
from typing import Protocol

__all__ = [
    "ARCHIVES",
    "HEAD_BYTES",
    "TITLES",
    "UNREADABLE",
    "Unpacker",
    "first_bytes",
    "kind_of",
    "layers_of",
    "new_unpacker",
    "unpack_errors",
]

ARCHIVES = frozenset({"tar", "zip"})
TITLES = {
    "gz": "gzip",
    "zst": "zstd",
    "bz2": "bzip2",
    "xz": "xz",
    "zip": "zip",
    "tar": "tar",
    "utf-16": "UTF-16",
}
UNREADABLE = {  # packings that are recognised in order to say that they must be unpacked first
    "7z": (b"7z\xbc\xaf\x27\x1c",),
    "rar": (b"Rar!\x1a\x07",),
    "lz4": (b"\x04\x22\x4d\x18",),
    "lzip": (b"LZIP\x01",),
    "lzop": (b"\x89LZO\x00\x0d\x0a\x1a\x0a",),
    "compress (.Z)": (b"\x1f\x9d",),
    "old lzma": (b"\x5d\x00\x00",),
}
_MAGIC = {
    "gz": (b"\x1f\x8b\x08",),
    "zst": (b"\x28\xb5\x2f\xfd", *(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60))),
    "xz": (b"\xfd7zXZ\x00",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    **UNREADABLE,
}
_MARKS_16 = (b"\xff\xfe", b"\xfe\xff")
_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")  # a block, or an empty stream
_BLOCK = 512
_MOST_LAYERS = 4
HEAD_BYTES = 192 << 10  # holds a whole first zstd block of 128 KiB, before which zstd gives nothing


def layers_of(head: bytes, name: str) -> tuple[str, ...]:
    """The packings from the outside in; empty for plain bytes. Looks through compression for a tar inside.

    The last entry may be a key of UNREADABLE. A bzip2 block is up to 900 kB and takes 50 ms to unpack, so
    bzip2 alone is looked into only if `name` says that a tar is inside.
    """
    layers: list[str] = []
    while len(layers) < _MOST_LAYERS and (kind := kind_of(head)) is not None:
        layers.append(kind)
        if kind in ARCHIVES or kind in UNREADABLE:
            break
        if kind == "utf-16":
            break  # text, and nothing is packed in it
        if kind == "bz2":
            if _names_tar(name):
                layers.append("tar")
            break
        head = first_bytes(kind, head, _BLOCK)
    return tuple(layers)


def kind_of(head: bytes) -> str | None:
    """The packing that begins here, or None. 16 bytes are enough for all but tar, which takes 512."""
    for kind, starts in _MAGIC.items():
        if head.startswith(starts):
            return kind
    if head.startswith(b"BZh") and head[3:4].isdigit() and head[4:10] in _BZ2_BLOCKS:
        return "bz2"
    if head.startswith(_MARKS_16) and b"\0" in head[2:16]:  # every text of a log has ASCII in it
        return "utf-16"
    return "tar" if _is_tar(head[:_BLOCK]) else None


def _is_tar(block: bytes) -> bool:
    """True for a tar header of any age: its checksum holds."""
    if len(block) < _BLOCK or b"\x00" not in block[:100] + block[148:156]:
        return False
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _names_tar(name: str) -> bool:
    return name.lower().endswith((".tar.bz2", ".tbz", ".tbz2", ".tb2"))


class Unpacker(Protocol):
    """Unpacks one member (gzip), frame (zstd) or stream (bzip2, xz): bytes in, at most so many bytes out, so that no input can
    fill the memory."""

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
