"""Puts parts together into one sealed file. The same parts, time, salt and Ed25519 key give the same bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import Entry, Signature
from whosaw.core.document import Json, object_of
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant

from .sealed import Withheld
from .verify import (
    CLOSING,
    FORMAT,
    KIND,
    MANIFEST,
    SIGNATURE,
    STAMP,
    closing_message,
    merkle_root,
    pack,
    signed_message,
    stamp_message,
)

__all__ = ["SALT_BYTES", "Seal", "Signer", "Stamper", "journal_part", "seal"]

SALT_BYTES = 32


class Signer(Protocol):
    """Whoever signs: says who it is, signs a message, and puts a signature into the form of its part."""

    def named(self) -> dict[str, str]: ...

    def sign(self, message: bytes) -> bytes: ...

    def part(self, signature: bytes) -> bytes: ...


class Stamper(Protocol):
    """A time stamp authority: where it is, and its answer (RFC 3161) for a message."""

    url: str

    def ask(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a bundle says of itself. `sealed` is an aware datetime, `salt` are 32 bytes that nobody can guess."""

    case: str
    versions: int
    sealed: datetime
    salt: bytes
    tool: str
    identifiers: bool
    entries: Sequence[Entry | Withheld]  # of the journal, as `journal_part` writes them


def journal_part(entries: Sequence[Entry | Withheld | Signature]) -> bytes:
    """One canonical JSON line for each entry, or for each signature."""
    return b"".join(canonical_json(object_of(entry)) + b"\n" for entry in entries)


def seal(
    about: Seal, parts: Mapping[str, bytes], *, signer: Signer | None = None, stamper: Stamper | None = None
) -> bytes:
    """The bytes of a bundle. `parts` holds everything but the manifest, the signature and the time stamp."""
    manifest = canonical_json(
        {
            "format": FORMAT,
            "kind": KIND,
            "case": about.case,
            "versions": about.versions,
            "sealed": format_instant(about.sealed),
            "tool": {"name": "whosaw", "version": about.tool},
            "salt": about.salt.hex(),
            "identifiers": about.identifiers,
            "journal": _journal(about.entries),
            "parts": [
                {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in sorted(parts.items())
            ],
            "signer": signer.named() if signer else None,
            "stamp": {"url": stamper.url} if stamper else None,
        }
    )
    whole = {MANIFEST: manifest}
    if signer is not None:
        whole[SIGNATURE] = signer.part(signer.sign(signed_message(manifest)))
    if stamper is not None:
        whole[STAMP] = stamper.ask(stamp_message(manifest, whole.get(SIGNATURE), about.salt))
        if signer is not None:
            last = signer.sign(closing_message(manifest, whole[SIGNATURE], whole[STAMP]))
            whole[CLOSING] = canonical_json({"signature": base64.b64encode(last).decode()})
    whole.update(sorted(parts.items()))
    try:
        return pack(whole)
    except ValueError as fault:
        raise WhosawError("evidence.too-large", str(fault), hint="Seal without --identifiers") from fault


def _journal(entries: Sequence[Entry | Withheld]) -> dict[str, Json]:
    leaves = [canonical_json(object_of(entry)) for entry in entries]
    last = entries[-1].hash if entries else "0" * 64
    return {"entries": len(entries), "last": last, "root": merkle_root(leaves).hex()}
