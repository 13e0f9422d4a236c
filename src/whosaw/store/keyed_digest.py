"""A keyed digest of many texts at once: AES-CMAC with one step behind it that the key does not undo.

CMAC (RFC 4493, NIST SP 800-38B) is a standard authenticator, and with AES in hardware it costs a hundredth of an HMAC.
Whoever has the key could compute a short message back from it, though, and a token must not come back even then. So
the digest of a text is E(t) xor t, where t is its CMAC and E is AES under a second key (Davies and Meyer's step): from
E(t) xor t nobody finds t, with or without the keys.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

__all__ = ["DIGEST_BYTES", "Cover", "KeyedDigest", "cmac_all"]

DIGEST_BYTES = 16
_BLOCK = 16
_ROWS = 1 << 16  # so many messages at once stay in the cache of a core

Bytes = npt.NDArray[np.uint8]


class KeyedDigest:
    """Digests under two AES keys. Messages that are equal have equal digests, and others, for all that is known, do not."""

    def __init__(self, first: bytes, second: bytes) -> None:
        self._first, self._second = first, second

    def of_texts(self, texts: pa.Array) -> Bytes:
        """(n, 16): the digests of strings without nulls."""
        starts, data = _buffers(texts)
        return self._behind(cmac_all(self._first, starts, data))

    def of_rows(self, rows: Bytes) -> Bytes:
        """(n, 16): the digests of the rows of a matrix of bytes."""
        count, width = rows.shape
        starts = np.arange(count + 1, dtype=np.int64) * width
        return self._behind(cmac_all(self._first, starts, np.ascontiguousarray(rows).reshape(-1)))

    def of_bytes(self, message: bytes) -> bytes:
        starts = np.array([0, len(message)], np.int64)
        return self._behind(cmac_all(self._first, starts, np.frombuffer(message, np.uint8))).tobytes()

    def _behind(self, tags: Bytes) -> Bytes:
        return encrypt_blocks(self._second, tags) ^ tags


class Cover:
    """Digests under a key that can be changed: each is one block of AES, so that whoever has the key has the first digest again, and nobody
    else can hold a text against it. Without a key they stand as they are."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key

    @property
    def key(self) -> bytes:
        """The key; empty: none."""
        return self._key

    def over(self, firsts: Bytes) -> Bytes:
        """(n, 16): first digests as they are kept."""
        return encrypt_blocks(self._key, firsts) if self._key else firsts

    def under(self, kept: Bytes) -> Bytes:
        """(n, 16): the first digests of those that are kept."""
        return decrypt_blocks(self._key, kept) if self._key else kept


def cmac_all(key: bytes, starts: npt.NDArray[np.int64], data: Bytes) -> Bytes:
    """(n, 16): the AES-CMAC of each message. Message i is `data[starts[i]:starts[i + 1]]`."""
    lengths = np.diff(starts)
    blocks = np.maximum(1, -(-lengths // _BLOCK))
    whole, padded = _subkeys(key)
    out = np.empty((len(lengths), _BLOCK), np.uint8)
    if not len(lengths):
        return out
    least, most = int(blocks.min()), int(blocks.max())
    for size in [least] if least == most else np.unique(blocks).tolist():
        group = None if least == most else np.flatnonzero(blocks == size)
        count = len(lengths) if group is None else len(group)
        step = max(1, _ROWS // size)
        for at in range(0, count, step):
            rows: slice | npt.NDArray[np.int64] = (
                slice(at, min(at + step, count)) if group is None else group[at : at + step]
            )
            messages = _laid_out(starts[:-1][rows], lengths[rows], data, size)
            last = np.where((lengths[rows] == size * _BLOCK)[:, None], whole, padded)
            messages[:, -_BLOCK:] ^= last
            tags = np.zeros((len(messages), _BLOCK), np.uint8)
            for block in range(size):
                tags ^= messages[:, block * _BLOCK : (block + 1) * _BLOCK]
                tags = encrypt_blocks(key, tags)
            out[rows] = tags
    return out


def _laid_out(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], data: Bytes, size: int) -> Bytes:
    """Messages of `size` blocks, one a row, the shorter ones with the bit and the zeros that CMAC adds."""
    out = np.zeros((len(starts), size * _BLOCK), np.uint8)
    least, most = int(lengths.min()), int(lengths.max())
    for length in [least] if least == most else np.unique(lengths).tolist():
        here = slice(None) if least == most else np.flatnonzero(lengths == length)
        if length:
            # every place of the data as the start of one item of `length` bytes, so that an item is copied at once
            items: npt.NDArray[np.void] = np.ndarray(
                (len(data) - length + 1,), dtype=f"V{length}", buffer=data, strides=(1,)
            )
            out[here, :length] = items[starts[here]].view(np.uint8).reshape(-1, length)
        if length < size * _BLOCK:
            out[here, length] = 0x80
    return out


@lru_cache(maxsize=64)  # one for each kind of identifier
def _subkeys(key: bytes) -> tuple[Bytes, Bytes]:
    """RFC 4493 section 2.3."""
    first = int.from_bytes(encrypt_blocks(key, np.zeros((1, _BLOCK), np.uint8)).tobytes(), "big")
    whole = _doubled(first)
    padded = _doubled(whole)
    return (
        np.frombuffer(whole.to_bytes(_BLOCK, "big"), np.uint8),
        np.frombuffer(padded.to_bytes(_BLOCK, "big"), np.uint8),
    )


def _doubled(value: int) -> int:
    return ((value << 1) & ((1 << 128) - 1)) ^ (0x87 if value >> 127 else 0)


def encrypt_blocks(key: bytes, blocks: Bytes) -> Bytes:
    """Each row under AES. ECB is right here: it is AES itself, of which CMAC is made."""
    return _through(Cipher(AES(key), ECB()).encryptor(), blocks)  # noqa: S305  # not a mode of encryption, see above


def decrypt_blocks(key: bytes, blocks: Bytes) -> Bytes:
    return _through(Cipher(AES(key), ECB()).decryptor(), blocks)  # noqa: S305  # as above


def _through(cipher: CipherContext, blocks: Bytes) -> Bytes:
    size = blocks.size
    out = np.empty(size + _BLOCK - 1, np.uint8)
    cipher.update_into(np.ascontiguousarray(blocks).reshape(-1).data, out.data)
    return out[:size].reshape(-1, _BLOCK)


def _buffers(texts: pa.Array) -> tuple[npt.NDArray[np.int64], Bytes]:
    """Where each string begins, and the bytes they begin in."""
    texts = texts.cast(pa.large_string())
    _, offsets, values = texts.buffers()
    starts = (
        np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1] if offsets else None
    )
    if starts is None or not len(texts):
        return np.zeros(len(texts) + 1, np.int64), np.zeros(0, np.uint8)
    return starts, np.frombuffer(values, np.uint8) if values else np.zeros(0, np.uint8)
