"""Whether a signature is of a key, and what a key is called."""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .digests import sha256

__all__ = ["check_raw", "fingerprint"]


def fingerprint(key: Any) -> str:
    """SHA-256 of a public key in its standard form (SubjectPublicKeyInfo, DER)."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def check_raw(
    key: Any, signature: bytes, message: bytes, digest: hashes.HashAlgorithm, *, pss: bool = False
) -> None:
    """`InvalidSignature` where the signature is not of this key over this message."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, message)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(digest))
    elif isinstance(key, rsa.RSAPublicKey):
        scheme = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO) if pss else padding.PKCS1v15()
        key.verify(signature, message, scheme, digest)
    else:
        raise InvalidSignature
