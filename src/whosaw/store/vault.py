"""The identity vault: raw identifiers encrypted in one place, keyed digests everywhere else.

A 32-byte master key stands in a file of its own (`vault.key`, mode 0600, or where `--key-file` says); one that others may
read is refused, as ssh does it. Once the vault was rotated, that key opens the keys in `vault.keys` (`keyring`): one from which digests
come, and one or, while a rotation is under way, two from which seals come.
From the first come, by HKDF-SHA256 (RFC 5869), two keys for the digests of each kind. A digest is 16 bytes (`keyed_digest`); once digests were
rotated it is kept under a further key. From the second comes a pair of keys: a block is zstd-compressed Arrow rows, sealed with the
public half and opened with the private one (`sealing`), so that equal rows give equal bytes and who only reads logs need not be able to open
what was read (`reading_key`). Blocks of earlier releases were sealed and opened with one key, and still open.
"""

from __future__ import annotations

import base64
import hmac
import itertools
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NoReturn

import numpy as np
import pyarrow as pa
from backports import zstd
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from whosaw.core import client
from whosaw.core.errors import WhosawError

from .erased import CONTACT, Erased
from .keyed_digest import DIGEST_BYTES, Bytes, Cover, KeyedDigest
from .sealing import HEAD, Opener, Sealer, public_half

__all__ = ["COVERED", "DIGEST_BYTES", "KINDS", "VAULT", "ReadingKey", "ReadingVault", "Vault", "as_column"]

VAULT: Final = "vault"  # the folder of all blocks that are told by number

KINDS = {"person": 0, **{each.name: each.code for each in client.TRAITS if each.code is not None}}
client.covers("store.vault", KINDS.keys() - {"person"}, left=dict.fromkeys(client.CLEAR, "has no digest"))
COVERED = frozenset((*KINDS, "client", CONTACT))
"""Kinds whose digests stand under a key of their own once digests were rotated: all that may be of somebody."""
_MAGIC = b"WSV1"  # a block of an earlier release
_PLACED = b"WSV2"  # a block that is bound to its place
_NONCE = bytes(12)
_HANDED = b"whosaw handed on"
_BLOCK_ROWS = 8_192


def as_column(digests: Bytes) -> pa.Array:
    """Digests as a column of 16 bytes each."""
    kind = pa.binary(DIGEST_BYTES)
    return pa.Array.from_buffers(kind, len(digests), [None, pa.py_buffer(np.ascontiguousarray(digests))])


def _derive(master: bytes, purpose: bytes, length: int = 32) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"whosaw " + purpose).derive(master)


def _digest_keys(master: bytes, kind: str) -> bytes:
    return _derive(master, b"digest v2 " + kind.encode(), 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingKey:
    """What reading logs takes: by kind two keys of 32 bytes for digests, the key that digests are kept under (empty: none), who seals, and the
    key of texts that are handed on. `secrets` are those of the purposes that whoever makes steps of the ledger asks for."""

    digests: Mapping[str, bytes] = field(repr=False)
    cover: bytes = field(repr=False)
    sealer: Sealer
    handing: bytes = field(repr=False)
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)


class Vault:
    """Digests identifiers and seals and opens blocks of them. Digests and secrets come from `master`; what is sealed opens with each of
    `seals`, and is sealed with the first. Digests of `COVERED` kinds stand under `cover` wherever they are kept. `erased` are the identifiers of which nothing but a digest may be kept."""

    def __init__(
        self,
        master: bytes,
        seals: Sequence[bytes] = (),
        *,
        cover: Cover | None = None,
        erased: Erased | None = None,
    ) -> None:
        self._master, self._seals = master, tuple(seals) or (master,)
        self._cover = cover or Cover()
        self._block_keys = [_derive(each, b"block v1") for each in self._seals]
        self._place_keys = [_derive(each, b"block at its place v1") for each in self._seals]
        self._pairs = [_derive(each, b"block pair v1") for each in self._seals]
        self.sealer = Sealer(public=public_half(self._pairs[0]), drawing=_derive(master, b"block drawing v1"))
        self._handing = _derive(master, b"handed on v1")
        self._digests: dict[str, KeyedDigest] = {}
        self.erased = erased or Erased.none()

    def digest(self, kind: str, raw: str) -> bytes:
        """The keyed digest (16 bytes) of one identifier, as it is kept."""
        first = self._of(kind).of_bytes(raw.encode("utf-8", "surrogatepass"))
        return self.kept_of(first) if kind in COVERED else first

    def digest_all(self, kind: str, values: pa.Array) -> Bytes:
        """(n, 16): `digest` of each value (strings without nulls), in order."""
        firsts = self._of(kind).of_texts(values)
        return self.kept(firsts) if kind in COVERED else firsts

    def digest_rows(self, kind: str, rows: Bytes) -> Bytes:
        """(n, 16): the keyed digest of each row of bytes."""
        firsts = self._of(kind).of_rows(rows)
        return self.kept(firsts) if kind in COVERED else firsts

    def first(self, kept: Bytes) -> Bytes:
        """(n, 16): the first digests of some that are kept, which no rotation changes: what ids and keys are made of."""
        return self._cover.under(kept)

    def kept(self, firsts: Bytes) -> Bytes:
        """(n, 16): first digests as they are kept."""
        return self._cover.over(firsts)

    def secret(self, purpose: str, length: int = 32) -> bytes:
        """A secret of its own for a purpose, by HKDF from the master key, which it does not tell."""
        return _derive(self._master, b"secret v1 " + purpose.encode(), length)

    def kept_of(self, first: bytes) -> bytes:
        """One first digest as it is kept."""
        return self.kept(np.frombuffer(first, np.uint8)).tobytes()

    @property
    def rotating(self) -> bool:
        """Whether what is sealed may still open with another key than the newest."""
        return len(self._seals) > 1

    def _of(self, kind: str) -> KeyedDigest:
        found = self._digests.get(kind)
        if found is None:
            both = _digest_keys(self._master, kind)
            found = self._digests[kind] = KeyedDigest(both[:32], both[32:])
        return found

    def seal(self, rows: pa.Table) -> bytes:
        """Encrypt rows. Equal rows give equal bytes."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows.combine_chunks())
        plain = sink.getvalue().to_pybytes()
        return self.sealer.seal(plain, zstd.compress(plain, level=1))

    def seal_at(self, place: bytes, rows: pa.Table) -> bytes:
        """Encrypt rows for one place, where alone they open. The key follows from the place and from the bytes that are encrypted, so
        that it meets no other message, whatever was sealed for the place before."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows.combine_chunks())
        packed = zstd.compress(sink.getvalue().to_pybytes(), level=1)
        key = self._place_keys[0]
        tag = hmac.digest(key, struct.pack("<I", len(place)) + place + packed, "sha256")
        return _PLACED + tag + AESGCM(_key_at(key, place, tag)).encrypt(_NONCE, packed, _PLACED + tag + place)

    def open_at(self, place: bytes, block: bytes) -> pa.Table:
        """Decrypt a block of `seal_at`. One of another key or place, or a changed one, is refused."""
        head, tag, sealed = block[:4], block[4:36], block[36:]
        if head != _PLACED:
            raise WhosawError(
                "vault.not-a-block", "this is not a vault block", hint="Restore it from a backup"
            )
        keys = [_key_at(key, place, tag) for key in self._place_keys]
        packed = _decrypted(keys, sealed, _PLACED + tag + place)
        if packed is None:
            raise WhosawError(
                "vault.sealed",
                "the vault block does not open with this key at this place",
                hint="Name the right key with --key-file, or restore the vault from a backup",
            )
        return pa.ipc.open_stream(zstd.decompress(packed)).read_all()

    def open(self, block: bytes) -> pa.Table:
        """Decrypt a block. A block of another key or a changed one is refused."""
        head, tag, sealed = block[:4], block[4:36], block[36:]
        if head not in (_MAGIC, HEAD):
            raise WhosawError(
                "vault.not-a-block", "this is not a vault block", hint="Restore it from a backup"
            )
        if head == HEAD:
            packed = next(
                (found for each in self._pairs if (found := Opener(each).open(block)) is not None), None
            )
        else:
            packed = _decrypted([_key_of(key, tag) for key in self._block_keys], sealed, _MAGIC + tag)
        if packed is None:
            raise WhosawError(
                "vault.sealed",
                "the vault block does not open with this key",
                hint="Name the right key with --key-file",
            )
        plain = zstd.decompress(packed)
        return pa.ipc.open_stream(plain).read_all()

    def seal_blocks(self, rows: pa.Table) -> bytes:
        """Rows with an ascending `code`, sealed in blocks so that one identifier is found without opening them all.

        A head in front gives the number of blocks, and the first code and the length of each (32-bit little endian).
        """
        parts = [rows.slice(start, _BLOCK_ROWS) for start in range(0, rows.num_rows, _BLOCK_ROWS)]
        blocks = [self.seal(part) for part in parts]
        heads = [
            struct.pack("<II", part["code"][0].as_py(), len(block))
            for part, block in zip(parts, blocks, strict=True)
        ]
        return struct.pack("<I", len(blocks)) + b"".join(heads) + b"".join(blocks)

    def open_blocks(self, sealed: bytes | memoryview, codes: Sequence[int]) -> pa.Table:
        """The blocks of `seal_blocks` that may hold `codes`, opened and put together in order. No other is read."""
        firsts, ends = _blocks(sealed)
        at = np.searchsorted(np.array(firsts, np.int64), np.asarray(codes, np.int64), "right") - 1
        wanted = sorted(set(np.maximum(at, 0).tolist()))
        return pa.concat_tables([self.open(bytes(sealed[ends[at] : ends[at + 1]])) for at in wanted])

    def open_every_block(self, sealed: bytes) -> pa.Table:
        """All blocks of `seal_blocks`, opened and put together in order."""
        blocks = itertools.pairwise(_blocks(sealed)[1])
        return pa.concat_tables([self.open(sealed[start:end]) for start, end in blocks]).combine_chunks()

    def seal_text(self, text: str | None) -> str | None:
        """A short text that may hold parts of a line, sealed for the manifest; None stays None."""
        if text is None:
            return None
        return base64.b64encode(self.seal(pa.table({"text": pa.array([text], pa.large_string())}))).decode()

    def open_text(self, sealed: str | None) -> str | None:
        """What `seal_text` sealed."""
        if sealed is None:
            return None
        text: str = self.open(base64.b64decode(sealed))["text"][0].as_py()
        return text

    def hand_on(self, text: str | None) -> bytes | None:
        """A text for whoever reads logs elsewhere, be it only with a reading key; None stays None. Other bytes at each call."""
        if text is None:
            return None
        nonce = os.urandom(len(_NONCE))
        return nonce + AESGCM(self._handing).encrypt(nonce, text.encode(), _HANDED)

    def handed(self, sealed: bytes | None) -> str | None:
        """What `hand_on` sealed."""
        if sealed is None:
            return None
        return AESGCM(self._handing).decrypt(sealed[: len(_NONCE)], sealed[len(_NONCE) :], _HANDED).decode()

    def reading_key(self, kinds: Iterable[str], secrets: Mapping[str, int] | None = None) -> ReadingKey:
        """What it takes to read logs into this vault, and not to open it: the digests of these kinds alone, and the `secrets` of these
        purposes, of so many bytes each."""
        return ReadingKey(
            digests={kind: _digest_keys(self._master, kind) for kind in kinds},
            cover=self._cover.key,
            sealer=self.sealer,
            handing=self._handing,
            secrets={purpose: self.secret(purpose, length) for purpose, length in (secrets or {}).items()},
        )

    def sealed_last(self) -> Vault:
        """The same vault, opening what is sealed with the newest key alone."""
        return Vault(self._master, self._seals[:1], cover=self._cover, erased=self.erased)


def _blocks(sealed: bytes | memoryview) -> tuple[list[int], list[int]]:
    """The first code of each block of `seal_blocks`, and where each begins, with the end of the last."""
    (count,) = struct.unpack_from("<I", sealed)
    heads = [struct.unpack_from("<II", sealed, 4 + 8 * number) for number in range(count)]
    ends = itertools.accumulate((length for _, length in heads), initial=4 + 8 * count)
    return [first for first, _ in heads], list(ends)


def _key_at(key: bytes, place: bytes, tag: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=tag, info=b"whosaw block key at " + place).derive(key)


def _key_of(key: bytes, tag: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=tag, info=b"whosaw block key").derive(key)


def _decrypted(keys: Sequence[bytes], sealed: bytes, bound: bytes) -> bytes | None:
    """What was sealed, with the first of these keys that opens it; None where none does."""
    for key in keys:
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(_NONCE, sealed, bound)
    return None


class ReadingVault(Vault):
    """The vault of whoever only reads logs: it digests and seals, and has no key that opens what was sealed."""

    def __init__(self, key: ReadingKey, *, erased: Erased | None = None) -> None:
        self.sealer, self._handing, self._cover = key.sealer, key.handing, Cover(key.cover)
        self._secrets = key.secrets
        self._digests = {kind: KeyedDigest(both[:32], both[32:]) for kind, both in key.digests.items()}
        self.erased = erased or Erased.none()

    def _of(self, kind: str) -> KeyedDigest:
        if kind not in self._digests:
            raise WhosawError(
                "vault.reading-key",
                f"the reading key has no digests of the kind {kind}",
                hint="Write it anew with `whosaw vault reading-key`",
            )
        return self._digests[kind]

    def secret(self, purpose: str, length: int = 32) -> bytes:
        """One of those that it was given."""
        found = self._secrets.get(purpose)
        if found is None or len(found) != length:
            raise WhosawError(
                "vault.reading-key",
                "a reading key digests and seals; it opens nothing, and this one lacks what is asked of it",
                hint="Write it anew with `whosaw vault reading-key`, or use the key of the vault",
            )
        return found

    def seal_at(self, place: bytes, rows: pa.Table) -> NoReturn:  # noqa: ARG002
        raise _seals_only()

    def open_at(self, place: bytes, block: bytes) -> NoReturn:  # noqa: ARG002
        raise _seals_only()

    def open(self, block: bytes) -> NoReturn:  # noqa: ARG002
        raise _seals_only()

    def reading_key(self, kinds: Iterable[str], secrets: Mapping[str, int] | None = None) -> NoReturn:  # noqa: ARG002
        raise _seals_only()

    def sealed_last(self) -> NoReturn:
        raise _seals_only()


def _seals_only() -> WhosawError:
    return WhosawError(
        "vault.reading-key",
        "a reading key digests and seals; it opens nothing",
        hint="Use the key of the vault",
    )
