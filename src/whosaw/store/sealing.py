"""A key that seals and does not open: blocks for the holder of an X25519 key (RFC 7748), in the manner of HPKE's base mode (RFC 9180).

The one half of a pair is drawn for each block from the very bytes that it holds, under a secret of the vault, so that equal bytes give an equal
block and no key meets two messages. Who holds the public half and that secret seals; who holds the private half opens. Who seals
may also hold a whole block against a guess of all of its bytes, and learns nothing else of it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["HEAD", "Opener", "Sealer", "public_half"]

HEAD: Final = b"WSV3"
_HALF: Final = 32
_NONCE: Final = bytes(12)


def public_half(private: bytes) -> bytes:
    """The public half (32 bytes) of a private one."""
    return _raw(X25519PrivateKey.from_private_bytes(private).public_key())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """Seals for the holder of the private half of `public`. `drawing` is the secret that the halves of blocks are drawn with."""

    public: bytes
    drawing: bytes = field(repr=False)

    def seal(self, plain: bytes, packed: bytes) -> bytes:
        """`packed` sealed; `plain` is what it was packed from."""
        drawn = X25519PrivateKey.from_private_bytes(hmac.digest(self.drawing, self.public + plain, "sha256"))
        half = _raw(drawn.public_key())
        shared = drawn.exchange(X25519PublicKey.from_public_bytes(self.public))
        return HEAD + half + AESGCM(_key(shared, half, self.public)).encrypt(_NONCE, packed, HEAD + half)


class Opener:
    """Opens what was sealed for one private key."""

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)
        self._public = _raw(self._private.public_key())

    def open(self, block: bytes) -> bytes | None:
        """What was sealed; None where it was for another key, or was changed."""
        half, sealed = block[len(HEAD) : len(HEAD) + _HALF], block[len(HEAD) + _HALF :]
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(half))
            return AESGCM(_key(shared, half, self._public)).decrypt(_NONCE, sealed, HEAD + half)
        except (InvalidTag, ValueError):  # the latter: half of a pair that is none
            return None


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _key(shared: bytes, half: bytes, public: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=half, info=b"whosaw sealed block " + public).derive(
        shared
    )
