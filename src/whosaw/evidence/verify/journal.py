"""Whether the custody journal is whole: its chain of hashes, and the keys that sign it."""

from __future__ import annotations

import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from .answers import Told
from .canonical_json import Json, canonical, load_json
from .digests import merkle_root
from .names import CUSTODY, JOURNAL

__all__ = ["GENESIS", "check_custody", "check_journal"]

GENESIS = "0" * 64
_ENTRY = {"seq", "time", "who", "kind", "body", "previous", "hash"}
_WITHHELD = {"seq", "previous", "hash", "withheld"}


def check_journal(told: Told, manifest: Json, data: bytes) -> list[Json]:
    """Follow the chain from its beginning. Returns the entries as far as they could be read, without those withheld."""
    said = manifest["journal"]
    lines = data.split(b"\n")
    if lines.pop() != b"":
        told.broken(JOURNAL, "its last line has no end")
    entries: list[Json] = []
    previous, number = GENESIS, 0
    for line in lines:
        entry = load_json(line)
        entries.append(entry)
        withheld = "withheld" in entry
        where = f"entry {entry['seq']}"
        if set(entry) != (_WITHHELD if withheld else _ENTRY):
            told.broken(JOURNAL, f"{where} has other fields than an entry has")
        if entry["seq"] != number + 1:
            told.broken(JOURNAL, f"{where} follows entry {number}: entries were removed, added or swapped")
        elif entry["previous"] != previous:
            told.broken(
                JOURNAL,
                f"{where} does not follow from the one before: something was removed, added or swapped",
            )
        if not withheld and _entry_hash(entry) != entry["hash"]:
            told.broken(JOURNAL, f"{where} was changed: its hash is not that of what it says")
        previous, number = entry["hash"], entry["seq"]
    if len(entries) != said["entries"]:
        told.broken(JOURNAL, f"it has {len(entries)} entries, and {said['entries']} were sealed")
    if previous != said["last"]:
        told.broken(JOURNAL, "it does not end with the entry that was sealed")
    if merkle_root(lines).hex() != said["root"]:
        told.broken(JOURNAL, "its Merkle root is not the one that was sealed")
    held_back = [entry for entry in entries if "withheld" in entry]
    if held_back:
        told.note(
            JOURNAL,
            f"what {len(held_back)} of its {len(entries)} entries say is withheld, because they are of another case; the chain "
            "passes through their hashes, so whoever holds the whole journal can show that nothing else stood there",
        )
    return [entry for entry in entries if "withheld" not in entry]


def check_custody(told: Told, journal: bytes, data: bytes) -> None:
    """Each entry is signed with the key that the entry before it names: keys that were erased one by one as the journal grew."""
    lines = data.split(b"\n")
    if lines.pop() != b"":
        told.broken(CUSTODY, "its last line has no end")
    signed = [load_json(line) for line in lines]
    entries = {entry["seq"]: entry for entry in (load_json(line) for line in journal.splitlines())}
    numbers = [row["seq"] for row in signed]
    if not signed or numbers != list(range(numbers[0], max(entries, default=0) + 1)):
        told.broken(
            CUSTODY, "it does not reach from its first entry to the last of the journal without a hole"
        )
        return
    following = signed[0]["key"]
    for row in signed:
        entry = entries[row["seq"]]
        message = b"whosaw custody 1\n" + bytes.fromhex(entry["hash"]) + bytes.fromhex(row["next"])
        key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["key"]))
        try:
            key.verify(bytes.fromhex(row["signature"]), message)
        except InvalidSignature:
            told.broken(CUSTODY, f"the signature of entry {row['seq']} does not fit it")
        if row["key"] != following:
            lost = (
                entry.get("kind") == "custody.start"
                and json.loads(entry["body"])["because"] == "the key was lost"
            )
            why = f"entry {row['seq']} is not signed with the key that the entry before it names"
            if lost:
                told.unknown(
                    CUSTODY, f"{why}, for that was lost: whether anything stood between them cannot be told"
                )
            else:
                told.broken(CUSTODY, why)
        following = row["next"]
    told.note(
        CUSTODY,
        f"entries {numbers[0]} to {numbers[-1]} are signed; the first key (root) is {signed[0]['key']}",
    )


def _entry_hash(entry: Json) -> str:
    row = {name: entry[name] for name in ("seq", "time", "who", "kind", "body")}
    return hashlib.sha256(entry["previous"].encode() + canonical(row)).hexdigest()
