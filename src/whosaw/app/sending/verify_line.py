"""Whether an opened line holds: offline, from the file alone and what its reader noted elsewhere."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import BROKEN, CANNOT_TELL, HOLDS, Entry, Signature, parse_head, worst
from whosaw.core.document import Json
from whosaw.core.errors import WhosawError
from whosaw.evidence.verify import fingerprint, load_trust, read_stamp, stamp_fault
from whosaw.evidence.verify.signatures import check_raw
from whosaw.sending.proof import leaf_of, root_by_way
from whosaw.store.custody import signed_by
from whosaw.store.journal import entry_hash

from .prove import LINE, root_message

__all__ = ["LineChecked", "LinePart", "verify_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """One thing that was checked: holds, broken or cannot tell, and why."""

    part: str
    answer: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChecked:
    """The answer, its parts, and what the line says."""

    answer: str
    parts: tuple[LinePart, ...]
    line: Json


def verify_line(
    path: Path, *, head: str | None = None, signer: str | None = None, stamp_trust: tuple[Path, ...] = ()
) -> LineChecked:
    """Check a line. `head` is a head of the journal that was noted elsewhere, `signer` the fingerprint of the key that should have signed.

    What nobody signed or stamped is not a fault of the line: without anything noted elsewhere its place in time cannot be told.
    """
    told = _read(path)
    try:
        parts = [_in_tree(told), _in_journal(told, head), _signed(told, signer), _stamped(told, stamp_trust)]
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as fault:
        raise WhosawError(
            "notice.line-unreadable",
            f"{path} is no line of a notice ({type(fault).__name__})",
            hint="`whosaw notice line` writes one",
        ) from fault
    found = tuple(each for each in parts if each is not None)
    deciding = [each.answer for each in found if each.part in ("tree", "journal") or each.answer == BROKEN]
    return LineChecked(answer=worst(deciding), parts=found, line=told["line"])


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise WhosawError("notice.line-unreadable", f"{path} cannot be read as a line of a notice") from fault
    if not isinstance(told, dict) or told.get("what") != LINE:
        raise WhosawError(
            "notice.line-unreadable", f"{path} is no line of a notice", hint="`whosaw notice line` writes one"
        )
    return told


def _in_tree(told: dict[str, Any]) -> LinePart:
    leaf = leaf_of(bytes.fromhex(told["nonce"]), canonical_json(told["line"]))
    root = root_by_way(
        leaf, int(told["number"]), int(told["leaves"]), [bytes.fromhex(each) for each in told["way"]]
    )
    holds = root is not None and root.hex() == told["root"]
    why = (
        f"line {int(told['number']) + 1:,} of {int(told['leaves']):,} leads to the root"
        if holds
        else "the line does not lead to the root"
    )
    return LinePart(part="tree", answer=HOLDS if holds else BROKEN, why=why)


def _in_journal(told: dict[str, Any], head: str | None) -> LinePart:
    entry = Entry(**told["entry"])
    said = json.loads(entry.body)
    same = all(said.get(name) == told[name] for name in ("case", "version", "root", "leaves"))
    if entry.kind != "notice.root" or not same:
        return LinePart(part="journal", answer=BROKEN, why="the journal entry is of another root")
    if entry_hash(entry) != entry.hash:
        return LinePart(
            part="journal", answer=BROKEN, why="the journal entry was changed after it was written"
        )
    signed = told.get("custody")
    if signed is None or not signed_by(Signature(**signed), entry.hash):
        return LinePart(
            part="journal", answer=BROKEN, why="the signature of the journal does not fit the entry"
        )
    if head is None:
        why = f"entry {entry.seq} is signed; that it stands in the journal shows against a head that was noted elsewhere (--head)"
        return LinePart(part="journal", answer=HOLDS, why=why)
    number, beginning = parse_head(head)
    if number != entry.seq:
        why = f"the head is of entry {number}, the root stands in entry {entry.seq}: `whosaw check --head` says whether one leads to the other"
        return LinePart(part="journal", answer=CANNOT_TELL, why=why)
    fits = entry.hash.startswith(beginning)
    return LinePart(
        part="journal",
        answer=HOLDS if fits else BROKEN,
        why="the entry is the one that was noted elsewhere"
        if fits
        else "the entry is not the one that was noted elsewhere",
    )


def _signed(told: dict[str, Any], signer: str | None) -> LinePart | None:
    signature = told.get("signature")
    if signature is None:
        return (
            None
            if signer is None
            else LinePart(part="signature", answer=BROKEN, why="nobody signed the root")
        )
    message = root_message(told["case"], told["version"], told["root"], told["leaves"])
    if signature["kind"] == "ed25519":
        key: Any = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["key"]))
    else:
        key = x509.load_der_x509_certificate(base64.b64decode(signature["certificates"][0])).public_key()
    try:
        check_raw(key, base64.b64decode(signature["signature"]), message, SHA256())
    except InvalidSignature:
        return LinePart(part="signature", answer=BROKEN, why="the signature does not fit the root")
    by = fingerprint(key)
    if signer is not None and by != signer.lower():
        return LinePart(
            part="signature",
            answer=BROKEN,
            why=f"it is signed by {by}, and not by the key that was asked for",
        )
    return LinePart(part="signature", answer=HOLDS if signer else CANNOT_TELL, why=f"signed by the key {by}")


def _stamped(told: dict[str, Any], trust: tuple[Path, ...]) -> LinePart | None:
    if told.get("stamp") is None:
        return None
    message = root_message(told["case"], told["version"], told["root"], told["leaves"])
    try:
        stamp = read_stamp(base64.b64decode(told["stamp"]))
    except ValueError as fault:
        return LinePart(part="time stamp", answer=BROKEN, why=f"the time stamp is no use: {fault}")
    if stamp.digest != hashlib.new(stamp.algorithm, message).digest():
        return LinePart(part="time stamp", answer=BROKEN, why="the time stamp is over something else")
    when = stamp.time.isoformat()
    if not trust:
        return LinePart(
            part="time stamp",
            answer=CANNOT_TELL,
            why=f"stamped {when}, by an authority that nobody named (--stamp-trust)",
        )
    fault_found = stamp_fault(stamp, load_trust(trust))
    return LinePart(
        part="time stamp",
        answer=BROKEN if fault_found else HOLDS,
        why=fault_found or f"stamped {when}",
    )
