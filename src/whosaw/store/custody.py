"""The keyed chain of the custody journal: signs each entry with a key that is erased after it, and checks what was signed.

Every entry is signed (Ed25519, RFC 8032) over its hash and the public half of the key that signs the next one; once it is on
disk, the key that signed it is erased. So whoever takes the key that is there can add entries, and change none before. The
public halves are in the journal, so anybody can check it; that nobody exchanged the whole of it shows against the first of
them (the root) or any later hash (a head) that was noted elsewhere. docs/decisions/0011-custody.md says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from whosaw.core.custody import BROKEN, CANNOT_TELL, Entry, Head, Signature, Standing, worst

from .custody_key import Checkpoint, Slot, Turn, public_half

__all__ = [
    "GENESIS",
    "KEY_LOST",
    "START",
    "TAIL_GONE",
    "Follower",
    "message",
    "pairs",
    "sign",
    "signed_by",
]

GENESIS: Final = "0" * 64
START: Final = "custody.start"  # the kind of the entry from which on a journal is keyed, or keyed anew
KEY_LOST, TAIL_GONE = "the key was lost", "later entries are gone"
_MOST = 5  # faults that are told one by one


def message(digest: str, following: str) -> bytes:
    """What a signature is over: the hash of the entry and the public key of the next. The words in front keep it from meaning else."""
    return b"whosaw custody 1\n" + bytes.fromhex(digest) + bytes.fromhex(following)


def sign(turn: Turn, key: Ed25519PrivateKey, entry: int, digest: str) -> Signature:
    """The signature of an entry. The key of the entry after it is on disk before this returns."""
    following = Ed25519PrivateKey.generate()
    turn.put(entry + 1, following)
    named = public_half(following)
    signature = key.sign(message(digest, named)).hex()
    return Signature(seq=entry, key=public_half(key), next=named, signature=signature)


def signed_by(signed: Signature, digest: str) -> bool:
    """Whether a signature is over this hash, by the key that it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.key))
        key.verify(bytes.fromhex(signed.signature), message(digest, signed.next))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


class Follower:
    """Follows the chain entry by entry, from its beginning or from a checkpoint, and says what does not follow."""

    def __init__(
        self, point: Checkpoint | None = None, *, root: str | None = None, keyed: int | None = None
    ) -> None:
        self._number, self._hash = (point.entry, point.hash) if point else (0, GENESIS)
        self._next = point.next if point else None
        self.root, self.keyed_from = root, keyed
        self.notes: list[tuple[str, str]] = []
        self.followed = 0
        self._end_fits = False

    @property
    def number(self) -> int:
        """Of the entry that was followed last, or of the checkpoint."""
        return self._number

    def broken(self, why: str) -> None:
        self.notes.append((BROKEN, why))

    def unknown(self, why: str) -> None:
        self.notes.append((CANNOT_TELL, why))

    def entry(self, entry: Entry, computed: str, signed: Signature | None) -> None:
        """The next entry with the hash that it should have and its signature, if it has one."""
        number = int(entry.seq)
        if number != self._number + 1:
            self.broken(f"entry {number} follows entry {self._number}: entries between were removed")
        elif entry.previous != self._hash:
            self.broken(
                f"entry {number} does not follow from the one before: something was removed, put in or changed"
            )
        if computed != entry.hash:
            self.broken(
                f"entry {number} was changed after it was written: its hash is not that of what it says"
            )
        self._signature(number, entry, signed)
        self._number, self._hash = number, entry.hash
        self.followed += 1

    def _signature(self, number: int, entry: Entry, signed: Signature | None) -> None:
        if signed is None:
            if self.keyed_from is not None:
                self.broken(
                    f"entry {number} is not signed, and the journal is keyed from entry {self.keyed_from} on"
                )
            self._next = None if self.keyed_from is None else self._next
            return
        if not signed_by(signed, entry.hash):
            self.broken(
                f"the signature of entry {number} does not fit it: somebody without the key changed or made it"
            )
        if self.keyed_from is None:
            self.keyed_from, self.root = number, str(signed.key)
            self.begins(number, str(entry.kind))
            if entry.kind == START and _because(entry.body) == TAIL_GONE:
                self.broken(
                    f"when entry {number} was written, the entries that the key knew of were gone, or their signatures"
                )
        elif signed.key != self._next:
            self._begun_anew(number, entry)
        self._next = str(signed.next)

    def begins(self, number: int, kind: str) -> None:
        """Signatures begin with the journal, or with an entry that says so."""
        if number != 1 and kind != START:
            self.broken(
                f"the first signature is that of entry {number}, which does not begin any: those before it were removed"
            )

    def _begun_anew(self, number: int, entry: Entry) -> None:
        if entry.kind == START and _because(entry.body) == KEY_LOST:
            self.unknown(
                f"from entry {number} on there is a new key, because the one before was lost: whether anything stood between it and entry "
                f"{number - 1} cannot be told from the journal alone"
            )
        else:
            self.broken(
                f"entry {number} is signed with another key than entry {number - 1} names: what stood behind that one is gone"
            )

    def end(self, slots: Iterable[Slot], *, key_there: bool, joined: bool = False) -> None:
        """Hold the last entry against the key file, which knows how many there were: a cut tail shows here. A folder that `joined` has
        none, and knows what it saw before by its checkpoint."""
        keys = list(slots)
        if joined and key_there and not keys:
            self._end_fits = True
        elif self.keyed_from is None:
            written = min((slot.entry for slot in keys), default=1) - 1
            if keys and not any(slot.begins and slot.entry == self._number + 1 for slot in keys):
                self.broken(
                    f"{written} entries were written and signed, and the journal holds {self._number} without a signature"
                )
        elif not key_there:
            self.unknown(
                "the custody key is gone: whether the end of the journal was cut cannot be told without a head that was noted elsewhere"
            )
        elif not keys:
            self.broken(
                "the custody key was emptied or damaged: nothing can be added that would fit the journal"
            )
        elif not any(slot.public == self._next for slot in keys):
            written = min(slot.entry for slot in keys) - 1
            if written > self._number:
                self.broken(
                    f"entries up to {written} were written, and the journal ends with entry {self._number}: its end was cut"
                )
            else:
                self.broken(
                    f"entry {self._number} is not the last one that was signed here: something was put in, or the journal and its key are of different times"
                )
        else:
            self._end_fits = True

    def standing(self) -> Standing:
        """What there is to say. `head` is the last entry that was followed."""
        head = (
            Head(entry=self._number, hash=self._hash, root=self.root)
            if self.root is not None and self._number
            else None
        )
        told = [why for _, why in self.notes]
        if len(told) > _MOST:
            told = [*told[:_MOST], f"and {len(told) - _MOST} more"]
        return Standing(
            answer=worst([answer for answer, _ in self.notes] or ["holds"]),
            why=tuple(told),
            entries=self._number,
            head=head,
            keyed_from=self.keyed_from,
        )

    def checkpoint(self) -> Checkpoint | None:
        """Where the next check may begin, if nothing is broken up to here. A lost key that is on record is passed over then: `check`
        names it for good."""
        if any(answer == BROKEN for answer, _ in self.notes) or not self._end_fits or self._next is None:
            return None
        return Checkpoint(entry=self._number, hash=self._hash, next=self._next)


def _because(body: str) -> str | None:
    try:
        said = json.loads(body).get("because")
    except (ValueError, AttributeError):
        return None
    return said if isinstance(said, str) else None


def pairs(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Entry, Signature | None]]:
    """Entry and signature of each joined row."""
    for row in rows:
        signed = {name: row[f"signed_{name}"] for name in ("key", "next", "signature")}
        entry = Entry(
            **{name: row[name] for name in ("seq", "time", "who", "kind", "body", "previous", "hash")}
        )
        yield entry, (Signature(seq=entry.seq, **signed) if signed["key"] is not None else None)
