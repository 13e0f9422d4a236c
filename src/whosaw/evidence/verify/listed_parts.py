"""Whether each part is the one that was sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .answers import Told
from .canonical_json import Json
from .digests import sha256
from .names import CLOSING, JOURNAL, MANIFEST, SIGNATURE, SIGNED, STAMP, STAMPED

__all__ = ["check_digests"]

_NEEDED = (
    "clues.json",
    "configuration.json",
    "findings.json",
    "inputs.json",
    JOURNAL,
    "ledger.json",
)


def check_digests(told: Told, manifest: Json, parts: Mapping[str, bytes], wrong: Sequence[str]) -> None:
    """All parts that must be there are, each as it was sealed, and none besides."""
    listed = {row["name"]: row for row in manifest["parts"]}
    if len(listed) != len(manifest["parts"]) or list(listed) != sorted(listed):
        told.broken(MANIFEST, "its list of parts is not in order")
    numbers = range(1, int(manifest["versions"]) + 1)
    ends = ("json", "inputs.json", "sets.json")
    for name in (*_NEEDED, *(f"scope/{number:04d}.{end}" for number in numbers for end in ends)):
        if name not in listed:
            told.broken(MANIFEST, f"it lists no {name}, which every bundle has")
    for name, row in listed.items():
        if name not in parts:
            told.broken(name, "it is missing")
        elif len(parts[name]) != row["size"] or sha256(parts[name]) != row["sha256"]:
            told.broken(name, "it was changed: it does not have the digest that was sealed")
        elif name in wrong:
            told.broken(name, "the checksum of the container is wrong for it")
        else:
            told.holds(name)
    for name in parts:
        if name not in listed and name not in (MANIFEST, SIGNATURE, STAMP, CLOSING):
            told.broken(name, "it was added: the bundle does not list it")
    if CLOSING in parts and not (SIGNATURE in parts and STAMP in parts):
        told.broken(CLOSING, "it closes a signature and a time stamp, and one of them is not there")
    for name, part in ((MANIFEST, MANIFEST), (SIGNATURE, SIGNED), (STAMP, STAMPED), (CLOSING, CLOSING)):
        if name in wrong:
            told.broken(part, "the checksum of the container is wrong for it: it was changed")
