"""Keys that sign bundles: an Ed25519 key of one's own, or a given certificate with its key."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant

from .verify import fingerprint

__all__ = ["CertificateSigner", "KeySigner", "load_signer", "make_key"]


def make_key(path: Path, *, passphrase: bytes | None = None) -> str:
    """A new Ed25519 key in `path` (PEM, mode 0600) and its public half in `path.pub`; returns its fingerprint.

    Nothing that is there is written over.
    """
    key = ed25519.Ed25519PrivateKey.generate()
    locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked), mode=0o600)
    _write_new(path.with_name(f"{path.name}.pub"), public, mode=0o644)
    return fingerprint(key.public_key())


def _write_new(path: Path, data: bytes, *, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
    except FileExistsError as fault:
        raise WhosawError(
            "evidence.key-exists",
            f"{path} is there already",
            hint="Name another file; no key is written over",
        ) from fault
    except OSError as fault:
        raise WhosawError(
            "evidence.write-failed", f"{path} could not be written ({fault.strerror})"
        ) from fault


def load_signer(
    key_file: Path, *, certificate_file: Path | None, passphrase: bytes | None, now: datetime
) -> KeySigner | CertificateSigner:
    """The signer that a key, or a certificate (with its chain behind it) and its key, make. `now` must lie in its validity."""
    key = _load_key(key_file, passphrase)
    if certificate_file is None:
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise WhosawError(
                "evidence.key-kind",
                f"{key_file} holds no Ed25519 key",
                hint="Make one with `whosaw evidence key`, or give its --certificate too",
            )
        return KeySigner(key)
    try:
        chain = x509.load_pem_x509_certificates(certificate_file.read_bytes())
    except (OSError, ValueError) as fault:
        raise WhosawError(
            "evidence.bad-certificate", f"{certificate_file} cannot be read as certificates in PEM"
        ) from fault
    if fingerprint(chain[0].public_key()) != fingerprint(key.public_key()):
        raise WhosawError(
            "evidence.other-key",
            f"the first certificate in {certificate_file} is not that of the key in {key_file}",
            hint="Put the certificate of the key first and its issuers behind it",
        )
    if not chain[0].not_valid_before_utc <= now <= chain[0].not_valid_after_utc:
        raise WhosawError(
            "evidence.expired",
            f"the certificate in {certificate_file} is valid from {format_instant(chain[0].not_valid_before_utc)} "
            f"to {format_instant(chain[0].not_valid_after_utc)}, which is not now",
            hint="Sign with one that is valid",
        )
    return CertificateSigner(key, chain)


def _load_key(path: Path, passphrase: bytes | None) -> Any:
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase)
    except OSError as fault:
        raise WhosawError(
            "evidence.bad-key",
            f"{path} cannot be read ({fault.strerror})",
            hint="`whosaw evidence key FILE` makes a key to sign with",
        ) from fault
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise WhosawError(
            "evidence.bad-key",
            f"{path} cannot be read as a private key in PEM",
            hint="A locked key needs --passphrase-file",
        ) from fault
    if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise WhosawError(
            "evidence.key-kind", f"{path} holds a key of another kind than Ed25519, elliptic curve or RSA"
        )
    return key


class KeySigner:
    """Signs with an Ed25519 key (RFC 8032)."""

    def __init__(self, key: ed25519.Ed25519PrivateKey) -> None:
        self._key = key

    def named(self) -> dict[str, str]:
        return {"kind": "ed25519", "sha256": fingerprint(self._key.public_key())}

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def part(self, signature: bytes) -> bytes:
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return canonical_json({"kind": "ed25519", "key": _text(public), "signature": _text(signature)})


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class CertificateSigner:
    """Signs with the key of a certificate. Each scheme is the deterministic one of its kind (RFC 6979, RFC 8017, RFC 8032)."""

    def __init__(self, key: Any, chain: Sequence[x509.Certificate]) -> None:
        self._key, self._chain = key, chain

    def named(self) -> dict[str, str]:
        return {"kind": "certificate", "sha256": fingerprint(self._key.public_key())}

    def sign(self, message: bytes) -> bytes:
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(message)
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        signature: bytes = self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return signature

    def part(self, signature: bytes) -> bytes:
        return canonical_json(
            {
                "kind": "certificate",
                "certificates": [_text(each.public_bytes(Encoding.DER)) for each in self._chain],
                "signature": _text(signature),
            }
        )
