"""The page signed: its address and the digest of its text in every language, so that anybody can tell it from a copy that asks for more."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import BROKEN, CANNOT_TELL, HOLDS
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.evidence.keys import load_signer
from whosaw.evidence.verify import fingerprint
from whosaw.lookup.limits import Limits
from whosaw.lookup.message import Speech
from whosaw.lookup.table import LookupTable
from whosaw.store.files import write_atomically
from whosaw.store.key_file import load_key

from .pages import Pages
from .statement import Statement, read_statement

__all__ = ["PageChecked", "SignedPage", "sign_page", "verify_page"]

_MARK: Final = b"whosaw look-up page 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPage:
    """A statement that was written: who signed it, the address, and the digest of the page by language."""

    file: str
    address: str
    signer: str
    pages: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChecked:
    """Whether a saved page is the one that was signed: `holds`, `broken` or `cannot tell`, and why."""

    answer: str
    why: str
    address: str = field(default="")
    signer: str = field(default="")


def sign_page(
    table: Path,
    out: Path,
    *,
    table_key: Path,
    address: str,
    kinds: Sequence[str],
    key: Path,
    now: datetime,
    provider: str = "",
) -> SignedPage:
    """Write what the page of a table will say, as it is served at `address` to people who are answered by `kinds`, under a signature. `provider`:
    the host where customers sign in."""
    signer = load_signer(key, certificate_file=None, passphrase=None, now=now)
    mark = signer.named()["sha256"]
    opened = LookupTable(table, load_key(table_key, create=False))
    try:
        speeches = {code: Speech.of(code, opened.facts) for code in opened.facts.languages}
        pages = Pages(
            speeches, kinds=kinds, days=Limits().keep_days, address=address, mark=mark, provider=provider
        )
        organisation = next(iter(speeches.values())).organisation
    finally:
        opened.close()
    body = {
        "address": address,
        "kinds": list(kinds),
        "made": format_instant(now),
        "mark": mark,
        "organisation": organisation,
        "pages": pages.digests(),
    }
    signature = json.loads(signer.part(signer.sign(_MARK + canonical_json(body))))
    write_atomically(out, canonical_json({"body": body, "signature": signature}) + b"\n", mode=0o644)
    return SignedPage(file=str(out), address=address, signer=mark, pages=pages.digests())


def verify_page(path: Path, page: Path, *, signer: str | None) -> PageChecked:
    """Check a page that somebody saved against a statement. `signer` is the mark of the key as it stands elsewhere, such as in a letter; without
    one it cannot be told whose key it is."""
    statement = read_statement(path)
    told = {"address": statement.address, "signer": statement.mark}
    try:
        saved = page.read_bytes()
    except OSError as fault:
        raise WhosawError(
            "lookup.page", f"{page} cannot be read ({fault.strerror})", hint="Save the page as HTML alone"
        ) from fault
    if not _signed(statement):
        return PageChecked(answer=BROKEN, why="the signature does not fit the statement", **told)
    if signer is not None and statement.mark != signer.replace(" ", "").lower():
        return PageChecked(
            answer=BROKEN,
            why=f"it is signed by {statement.mark}, and not by the key that was asked for",
            **told,
        )
    if hashlib.sha256(saved).hexdigest() not in statement.pages.values():
        return PageChecked(answer=BROKEN, why="the saved page is not the one that was signed", **told)
    if signer is None:
        why = f"the page is the one that the key {statement.mark} signed; whose key that is shows elsewhere (--signer)"
        return PageChecked(answer=CANNOT_TELL, why=why, **told)
    return PageChecked(
        answer=HOLDS, why=f"the page is the one that was signed for {statement.address}", **told
    )


def _signed(statement: Statement) -> bool:
    signature = statement.signature
    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["key"]))
        key.verify(base64.b64decode(signature["signature"]), _MARK + canonical_json(statement.body))
    except (InvalidSignature, KeyError, TypeError, ValueError, binascii.Error):
        return False
    return fingerprint(key) == statement.mark
