"""What one message to one person is known by: a key that nobody can make up, the message id, and the address that its bounces come to.

The return path holds the place of the recipient and a keyed check of it (variable envelope return path), so that whoever invents one ends
no delivery. It is in small letters and digits alone, since some systems change the case.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.vault import Vault

__all__ = ["Keys", "Return", "message_of", "share_of"]

_KIND: Final = "notice key"
_RETURN: Final = re.compile(
    r"(?<![a-z0-9])n(\d{1,9})-(\d{1,9})-(\d{1,12})-(\d{1,6})-([0-9a-f]{20})(?![0-9a-f])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """The attempt that a bounce is about."""

    sending: int
    part: int
    row: int
    n: int


def message_of(case: str, version: int, channel: str, text: str) -> bytes:
    """What all messages of one text have in common, 16 bytes. `text` is the SHA-256 of the text."""
    told = "\x1f".join((case, str(version), channel, text))
    return hashlib.sha256(b"whosaw notice 1\n" + told.encode()).digest()[:16]


def share_of(vault: Vault, case: str, who: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A number from 0 to 1 for each person, which only the holder of the vault key can tell: who is in the first percent of a case says
    nothing of who is in that of another."""
    digests = vault.first(np.frombuffer(b"".join(who.to_pylist()), np.uint8).reshape(-1, 16))
    of_case = np.frombuffer(hashlib.sha256(case.encode()).digest()[:16], np.uint8)
    mixed = vault.digest_rows(
        "notice wave", np.concatenate([digests, np.broadcast_to(of_case, digests.shape)], axis=1)
    )
    return np.ascontiguousarray(mixed[:, :8]).view(">u8").reshape(-1) / float(1 << 64)


class Keys:
    """Makes and reads the marks of the messages of one workspace."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._secret = hmac.new(vault.secret("notice return path"), digestmod="sha256")

    def key(self, who: bytes, message: bytes) -> str:
        """The key of (case, version, person, channel, text): 32 hexadecimal digits."""
        return self.keys([(who, message)])[0]

    def keys(self, told: Sequence[tuple[bytes, bytes]]) -> list[str]:
        """The key of each person and message, many at once. It follows from first digests, so that no rotation changes it."""
        if not told:
            return []
        whose = np.frombuffer(b"".join(who for who, _ in told), np.uint8).reshape(-1, 16)
        messages = np.frombuffer(b"".join(message for _, message in told), np.uint8).reshape(-1, 16)
        rows = np.concatenate([self._vault.first(whose), messages], axis=1)
        return [each.tobytes().hex() for each in self._vault.digest_rows(_KIND, rows)]

    def message_id(self, key: str, domain: str) -> str:
        """The Message-ID of a message with this key: the same whenever it is made."""
        return f"<{key}@{domain}>"

    def return_path(self, back: Return, domain: str) -> str:
        """Where a message of this attempt comes back to; at most 64 letters before the @ (RFC 5321, 4.5.3.1.1)."""
        place = f"n{back.sending}-{back.part}-{back.row}-{back.n}"
        return f"{place}-{self._check(place)}@{domain}"

    def sheet_code(self, back: Return) -> str:
        """The same for the sheets of a letter, short enough to be typed; `read_return` reads it as well."""
        place = f"n{back.sending}-{back.part}-{back.row}-{back.n}"
        return f"{place}-{self._check(place)}"

    def read_return(self, text: str) -> Return | None:
        """The attempt that an address of `return_path` names, wherever it stands in the text; None where none does, or a made-up one."""
        for found in _RETURN.finditer(text):
            sending, part, row, n = (int(found[at]) for at in range(1, 5))
            place = f"n{sending}-{part}-{row}-{n}"
            if hmac.compare_digest(found[5].lower(), self._check(place)):
                return Return(sending=sending, part=part, row=row, n=n)
        return None

    def _check(self, place: str) -> str:
        own = self._secret.copy()
        own.update(place.encode())
        return own.digest()[:10].hex()
