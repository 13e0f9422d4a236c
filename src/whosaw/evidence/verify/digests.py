"""SHA-256 of a part, of the lines of a journal as a tree, and in the messages that are signed and stamped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["closing_message", "merkle_root", "sha256", "signed_message", "stamp_message"]


def sha256(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The tree hash of RFC 6962, section 2.1, with SHA-256."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    peaks: list[tuple[int, bytes]] = []  # whole subtrees from left to right, each with its number of leaves
    for leaf in leaves:
        size, node = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while peaks and peaks[-1][0] == size:
            node = hashlib.sha256(b"\x01" + peaks.pop()[1] + node).digest()
            size *= 2
        peaks.append((size, node))
    node = peaks.pop()[1]
    while peaks:
        node = hashlib.sha256(b"\x01" + peaks.pop()[1] + node).digest()
    return node


def signed_message(manifest: bytes) -> bytes:
    """What a signature is over. The words in front keep it from meaning anything else."""
    return b"whosaw evidence signature 1\n" + manifest


def stamp_message(manifest: bytes, signature: bytes | None, salt: bytes) -> bytes:
    """What a time stamp is over: salted digests, so that the authority learns nothing and can confirm no guess."""
    digests = hashlib.sha256(manifest).digest() + hashlib.sha256(signature or b"").digest()
    return b"whosaw evidence stamp 1\n" + salt + digests


def closing_message(manifest: bytes, signature: bytes, stamp: bytes) -> bytes:
    """What the signer signs last, so that not a byte of the time stamp can be exchanged either."""
    digests = (hashlib.sha256(each).digest() for each in (manifest, signature, stamp))
    return b"whosaw evidence closing 1\n" + b"".join(digests)
