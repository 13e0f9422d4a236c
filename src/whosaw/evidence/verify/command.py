"""The command line: whom to trust, and the verdict for people."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .answers import HOLDS, Verdict, instant
from .signatures import fingerprint
from .whole_bundle import verify

__all__ = ["as_text", "load_signer", "load_trust", "main"]


def load_signer(text: str) -> str:
    """A fingerprint from itself, or from a file with the public key or certificate in PEM."""
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return text.lower()
    pem = Path(text).read_bytes()
    if b"BEGIN CERTIFICATE" in pem:
        return fingerprint(x509.load_pem_x509_certificate(pem).public_key())
    return fingerprint(load_pem_public_key(pem))


def load_trust(files: Iterable[str | Path]) -> list[x509.Certificate]:
    """All certificates of these PEM files."""
    return [each for file in files for each in x509.load_pem_x509_certificates(Path(file).read_bytes())]


def as_text(verdict: Verdict) -> str:
    """The verdict for people: one line for each part, and below it why."""
    lines = [f"{verdict.answer}: {verdict.bundle}"]
    if verdict.case is not None:
        lines.append(f"case {verdict.case!r}, by its own word sealed {verdict.sealed}")
    if verdict.stamped is not None:
        lines.append(f"sealed no later than {instant(verdict.stamped)}, by a trusted time stamp")
    folders: dict[str, int] = {}
    for part in verdict.parts:
        folder, slash, _ = part.name.partition("/")
        if slash and folder != "scope" and part.answer == HOLDS:
            folders[folder] = folders.get(folder, 0) + 1
            continue
        lines.append(f"  {part.answer:<12} {part.name}")
        lines.extend(f"               {why}" for why in part.why)
    lines.extend(f"  {HOLDS:<12} {folder} ({count} parts)" for folder, count in folders.items())
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """`python verify.py BUNDLE`. Exit 0: it holds; 1: something is broken; 2: it could not be examined; 3: it cannot be told."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Says whether an evidence bundle of whosaw holds."
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument(
        "--signer", help="who must have signed: SHA-256 of a public key, or a PEM file with it"
    )
    parser.add_argument(
        "--trust", action="append", default=[], help="PEM file with roots for certificates of signers"
    )
    parser.add_argument(
        "--stamp-trust", action="append", default=[], help="PEM file with roots of time stamp authorities"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args(arguments)
    try:
        verdict = verify(
            asked.bundle.read_bytes(),
            signer=load_signer(asked.signer) if asked.signer else None,
            trust=load_trust(asked.trust),
            stamp_trust=load_trust(asked.stamp_trust),
            now=datetime.now(UTC),
        )
    except (OSError, ValueError, UnsupportedAlgorithm) as fault:
        sys.stderr.write(f"verify.py: {fault}\n")
        return 2
    document = json.dumps(verdict.as_json(), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(document if asked.json else as_text(verdict))
    return verdict.exit_code
