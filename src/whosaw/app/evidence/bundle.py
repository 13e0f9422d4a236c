"""Seals a case into one file, verifies it, and writes it in the words of other tools."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from pyroaring import BitMap

from whosaw.app.asking.looks import record_look, require_reason
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import second_person
from whosaw.core.canonical_json import canonical_json, pretty_json
from whosaw.core.document import document, told_as
from whosaw.core.errors import WhosawError
from whosaw.core.version import __version__
from whosaw.evidence import case_uco, stix, verify
from whosaw.evidence.bundle import Seal, journal_part, seal
from whosaw.evidence.clues import clues_part
from whosaw.evidence.keys import load_signer
from whosaw.evidence.sealed import SealedCase, read_case, version_from_json
from whosaw.evidence.time_stamp import Authority
from whosaw.store.files import held_back, write_atomically
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.raws import Identities
from whosaw.store.repositories.cases import CaseStore, bitmap_bytes
from whosaw.store.repositories.entries import signatures
from whosaw.store.workspace import Workspace

from .parts import journal_entries, state_parts

__all__ = [
    "EXPORTS",
    "Exported",
    "SealedBundle",
    "Trust",
    "WrittenVerifier",
    "export_bundle",
    "open_verified",
    "seal_case",
    "verify_bundle",
    "write_verifier",
]

EXPORTS = {"case": case_uco.as_case, "stix": stix.as_stix}
_ALONE = Path(verify.__file__).parents[1] / "verify_alone.py"  # the modules of `verify` as one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a reader of a bundle believes: a key (fingerprint or PEM file), roots of signers, roots of time stamps."""

    signer: str | None = None
    roots: tuple[Path, ...] = ()
    stamp_roots: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBundle:
    """A bundle that was written. `signer` is the SHA-256 of the public key that signed it, `stamp` the address of the authority."""

    bundle: str
    sha256: str
    bytes: int
    case: str
    versions: int
    signer: str | None
    stamp: str | None
    identifiers: bool
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given(SealedBundle):
    """What the journal says of it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A bundle as another tool reads it; `bundle` is its SHA-256."""

    file: str
    kind: str = field(metadata=told_as("as"))
    sha256: str
    bundle: str
    means: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenVerifier:
    """The verifier as a file of its own."""

    file: str
    sha256: str


@asks(Verb.SEAL, "case", case="case")
def seal_case(
    root: Path,
    case: str,
    output: Path,
    *,
    now: datetime,
    salt: bytes,
    key: Path | None = None,
    certificate: Path | None = None,
    passphrase: bytes | None = None,
    tsa: str | None = None,
    identifiers: bool = False,
    reason: str = "",
    key_file: Path | None = None,
) -> SealedBundle:
    """Write the bundle of a case to `output`, whole or not at all, and journal that it was given out.

    The journal in the bundle ends before the entry of the sealing itself, and what it says of other cases is withheld. With `identifiers` the ids of the people of the
    newest version are in it; that look is journalled first, and so stands in the bundle.
    """
    if certificate is not None and key is None:
        raise WhosawError(
            "evidence.no-key", "a certificate was given without its key", hint="Give its --key too"
        )
    if identifiers:
        require_reason(reason)
    signer = (
        load_signer(key, certificate_file=certificate, passphrase=passphrase, now=now)
        if key is not None
        else None
    )
    stamper = Authority(tsa) if tsa is not None else None
    workspace = Workspace.open(root, key_file=key_file)
    try:
        with workspace.writing():  # what is sealed is one state, not two halves of a scan
            asked_for = {
                "case": case,
                "version": CaseStore(workspace).row(case).version,
                "identifiers": identifiers,
            }
            second_person(workspace.journal, "export", f"bundle of {case}", asked_for, reason=reason, now=now)
            parts, versions = _parts(workspace, case, identifiers=identifiers, reason=reason, now=now)
            others = set(CaseStore(workspace).cases()) - {case}
            entries = journal_entries(workspace, case, others)
            parts["journal.jsonl"] = journal_part(entries)
            signed = signatures(workspace.journal)
            if signed:
                parts["custody.jsonl"] = journal_part(signed)
            about = Seal(
                case=case,
                versions=versions,
                sealed=now,
                salt=salt,
                tool=__version__,
                identifiers=identifiers,
                entries=entries,
            )
            data = seal(about, parts, signer=signer, stamper=stamper)
            answer = SealedBundle(
                bundle=str(output),
                sha256=hashlib.sha256(data).hexdigest(),
                bytes=len(data),
                case=case,
                versions=versions,
                signer=signer.named()["sha256"] if signer else None,
                stamp=tsa,
                identifiers=identifiers,
                entries=len(entries),
            )
            given = _Given(**asdict(answer), reason=reason)
            with (
                held_back(output, [data], code="evidence.write-failed", mode=0o666),
                workspace.journal.transaction() as connection,
            ):
                workspace.journal.record(connection, "evidence.seal", given, now=now)
            return answer
    finally:
        workspace.close()


def _parts(
    workspace: Workspace, case: str, *, identifiers: bool, reason: str, now: datetime
) -> tuple[dict[str, bytes], int]:
    """All parts but the journal, and how many versions the case has."""
    store = CaseStore(workspace)
    versions = store.versions(case)
    texts = [store.text(case, row.version) for row in versions]
    documents = [json.loads(each) for each in texts]
    reader = LedgerReader(workspace)
    try:
        parts = state_parts(workspace, reader)
        clues = {each.number: each.clues for each in map(version_from_json, documents)}
        parts["clues.json"] = canonical_json(document(clues_part(reader, clues)))
        newest: Mapping[str, BitMap] = {}
        for row, text in zip(versions, texts, strict=True):
            number = row.version
            newest = store.sets(case, number)
            listed = {}
            for name, members in sorted(newest.items()):
                data = bitmap_bytes(members)
                digest = hashlib.sha256(data).hexdigest()
                parts[f"persons/{digest}"] = data
                listed[name] = {"sha256": digest, "persons": len(members)}
            parts[f"scope/{number:04d}.json"] = text
            parts[f"scope/{number:04d}.sets.json"] = canonical_json(listed)
            parts[f"scope/{number:04d}.inputs.json"] = store.inputs(case, number).as_bytes()
        if identifiers:
            parts["identifiers.json"] = _identifiers(workspace, reader, newest, case, reason, now)
        return parts, len(documents)
    finally:
        reader.close()


def _identifiers(
    workspace: Workspace,
    reader: LedgerReader,
    sets: Mapping[str, BitMap],
    case: str,
    reason: str,
    now: datetime,
) -> bytes:
    """Number, kind and id of the people of the newest version. The look is journalled before it is taken."""
    numbers = sorted(sets.get("held", BitMap()) | sets.get("possible", BitMap()))
    record_look(workspace, {"person": numbers}, what=f"evidence seal {case}", reason=reason, now=now)
    raw = Identities(reader).raw({"person": numbers})["person"]
    rows = [
        {"number": number, "kind": kind, "id": bare}
        for number in numbers
        if number in raw
        for kind, _, bare in [raw[number].partition("\x1f")]
    ]
    return canonical_json(rows)


def verify_bundle(bundle: Path, trust: Trust, *, now: datetime) -> verify.Verdict:
    """What the verifier says of a file."""
    try:
        signer = verify.load_signer(trust.signer) if trust.signer else None
        roots, stamp_roots = verify.load_trust(trust.roots), verify.load_trust(trust.stamp_roots)
    except (OSError, ValueError) as fault:
        raise WhosawError(
            "evidence.bad-trust",
            f"whom to trust cannot be read ({fault})",
            hint="--signer takes a fingerprint or a PEM file, --trust and --stamp-trust take certificates in PEM",
        ) from fault
    return verify.verify(_read(bundle), signer=signer, trust=roots, stamp_trust=stamp_roots, now=now)


def _read(bundle: Path) -> bytes:
    try:
        return bundle.read_bytes()
    except OSError as fault:
        raise WhosawError("evidence.unreadable", f"{bundle} cannot be read ({fault.strerror})") from fault


def open_verified(bundle: Path, trust: Trust, *, now: datetime) -> SealedCase:
    """What a bundle says in which nothing is broken; `WhosawError` otherwise."""
    verdict = verify_bundle(bundle, trust, now=now)
    if verdict.answer == verify.BROKEN or not verdict.examined:
        worst = next((part for part in verdict.parts if part.answer == verdict.answer), verdict.parts[0])
        raise WhosawError(
            "evidence.broken",
            f"{bundle}: {worst.name}: {worst.why[0] if worst.why else worst.answer}",
            hint="`whosaw evidence verify` says all that is wrong with it",
        )
    return read_case(verify.open_bundle(_read(bundle))[1])


def export_bundle(
    bundle: Path, kind: str, output: Path, *, now: datetime, means: bool = False, trust: Trust | None = None
) -> Exported:
    """Write what a bundle says as CASE/UCO JSON-LD (`case`) or STIX 2.1 (`stix`); the same bundle gives the same bytes.

    No personal data are in it. Key ids, user agents and TLS fingerprints of the actor only with `means`.
    """
    if kind not in EXPORTS:
        raise WhosawError(
            "evidence.export-kind", f"{kind!r} is no export", hint=f"Choose one of {', '.join(EXPORTS)}"
        )
    case = open_verified(bundle, trust or Trust(), now=now)
    digest = hashlib.sha256(_read(bundle)).hexdigest()
    data = (pretty_json(EXPORTS[kind](case, digest=digest, means=means)) + "\n").encode()
    write_atomically(output, data, mode=0o644)
    return Exported(
        file=str(output), kind=kind, sha256=hashlib.sha256(data).hexdigest(), bundle=digest, means=means
    )


def write_verifier(output: Path) -> WrittenVerifier:
    """Write the verifier as a file of its own, to be given to whoever should check."""
    data = _ALONE.read_bytes()
    write_atomically(output, data, mode=0o644)
    return WrittenVerifier(file=str(output), sha256=hashlib.sha256(data).hexdigest())
