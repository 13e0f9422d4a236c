"""Who sealed the bundle: its signature, and the closing signature over the time stamp."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519

from .answers import MALFORMED, Told, instant
from .canonical_json import Json, load_json
from .certificates import chain_fault, check_issued
from .digests import closing_message, signed_message
from .names import CLOSING, MANIFEST, SIGNATURE, SIGNED, STAMP, STAMPED
from .signatures import check_raw, fingerprint

__all__ = ["check_signature"]


def check_signature(
    told: Told,
    manifest: Json,
    parts: Mapping[str, bytes],
    *,
    signer: str | None,
    trust: Sequence[x509.Certificate],
    stamped: datetime | None,
    now: datetime,
) -> str | None:
    """Check the signature; returns the fingerprint of the key that made it, None where it is not good."""
    named, data = manifest["signer"], parts.get(SIGNATURE)
    if data is None:
        if named is not None:
            told.broken(SIGNED, "the bundle names its signer, and its signature is not there: it was removed")
        elif signer is not None or trust:
            told.broken(SIGNED, "it is not signed, though a given signer is asked for")
        else:
            told.unknown(SIGNED, "it is not signed: anybody could have made it")
        return None
    if named is None:
        told.broken(SIGNED, "there is one, and the bundle says that it is not signed")
        return None
    said = load_json(data)
    certificates: list[x509.Certificate] = []
    if said["kind"] == "certificate":
        certificates = [x509.load_der_x509_certificate(_bytes(each)) for each in said["certificates"]]
        check_issued(certificates)
        key: Any = certificates[0].public_key()
    elif said["kind"] == "ed25519":
        key = ed25519.Ed25519PublicKey.from_public_bytes(_bytes(said["key"]))
    else:
        # a forger can write any kind: where a signer is demanded, what cannot be checked is not by that signer
        say = told.broken if signer is not None or trust else told.unknown
        say(SIGNED, f"it is of a kind that this program does not know: {str(said['kind'])[:40]}")
        return None
    found = fingerprint(key)
    if said["kind"] != named["kind"] or found != named["sha256"]:
        told.broken(SIGNED, f"it is by another key than the bundle names: {found}")
        return None
    try:
        check_raw(key, _bytes(said["signature"]), signed_message(parts[MANIFEST]), hashes.SHA256())
    except InvalidSignature:
        told.broken(
            SIGNED, f"it does not fit {MANIFEST}: one of the two was changed, or belongs to another bundle"
        )
        return None
    _check_closing(told, key, parts)
    if signer is not None and found != signer:
        told.broken(SIGNED, f"it is by the key {found}, not by the one that is asked for")
    elif certificates:
        sealed = datetime.fromisoformat(manifest["sealed"])
        _check_certificate(
            told, certificates, trust, asked=signer is not None, sealed=sealed, stamped=stamped, now=now
        )
    elif signer is None:
        told.unknown(SIGNED, f"it fits, by the key {found}; whose key that is cannot be told (--signer)")
    told.holds(SIGNED)
    return found


def _bytes(text: str) -> bytes:
    """Base64 in its one spelling."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("a text is not in the one spelling of base64")
    return data


def _check_closing(told: Told, key: Any, parts: Mapping[str, bytes]) -> None:
    """Where there is a time stamp, the signer signed it too, after it came."""
    if STAMP not in parts:
        return
    if CLOSING not in parts:
        told.broken(CLOSING, "it is missing: the signer closes what was stamped with a last signature")
        return
    message = closing_message(parts[MANIFEST], parts[SIGNATURE], parts[STAMP])
    try:
        check_raw(key, _bytes(load_json(parts[CLOSING])["signature"]), message, hashes.SHA256())
    except InvalidSignature:
        told.broken(CLOSING, "it does not fit: the time stamp was exchanged after the sealing, or this was")
        told.broken(STAMPED, f"it is not known to be the one that was sealed: {CLOSING} does not fit it")
        return
    except MALFORMED as fault:
        told.broken(CLOSING, f"it was changed ({fault})")
        return
    told.holds(CLOSING)


def _check_certificate(
    told: Told,
    certificates: Sequence[x509.Certificate],
    trust: Sequence[x509.Certificate],
    *,
    asked: bool,
    sealed: datetime,
    stamped: datetime | None,
    now: datetime,
) -> None:
    """A certificate counts as of the proven time of the signature, and as of now where none is proven."""
    leaf = certificates[0]
    since, until = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    for when, what in ((stamped, "the time stamp says"), (sealed, "the bundle says")):
        if when is not None and not since <= when <= until:
            span = f"from {instant(since)} to {instant(until)}"
            told.broken(
                SIGNED,
                f"the certificate is valid {span}, and {what} that it was sealed on {instant(when)}: expired",
            )
            return
    if stamped is None and now > until:
        told.unknown(
            SIGNED,
            f"the certificate expired on {instant(until)}, and no trusted time stamp proves an earlier signature",
        )
    if not trust:
        if not asked:
            name = leaf.subject.rfc4514_string()
            told.unknown(
                SIGNED, f"it fits, by {name}; whether that is to be believed cannot be told (--trust)"
            )
        return
    at = stamped or (now if now <= until else sealed)
    if (fault := chain_fault(certificates, trust, at, stamping=False)) is None:
        return
    if "Forbidden" in fault:
        told.unknown(SIGNED, f"its certificates are of a kind that cannot be checked here: {fault}")
    else:
        told.broken(SIGNED, f"its certificate does not lead to one that is trusted: {fault}")
