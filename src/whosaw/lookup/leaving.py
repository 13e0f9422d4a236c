"""A browser that leaves a look-up page to sign in at a provider, and comes back: what it has to bring along is sealed in its own cookie, so that
the page keeps nothing of those who stay away, and nobody can crowd out another."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .table import TableKeys

__all__ = ["HOLDS", "Leaving", "Left"]

HOLDS: Final = 600  # seconds between leaving and coming back
_NONCE: Final = 12
_BOUND: Final = b"look-up page sign-on 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Words that were made for one sign-in alone; `ends` is in microseconds since 1970 UTC."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    language: str
    ends: int


class Leaving:
    """Seals and opens these cookies with the key of the service."""

    def __init__(self, keys: TableKeys) -> None:
        self._box = AESGCM(keys.secret("sign-on"))

    def begin(self, language: str, *, now: int) -> tuple[str, Left]:
        """What the cookie of a browser that leaves holds, and its words."""
        words = [secrets.token_urlsafe(48) for _ in range(3)]
        left = Left(
            state=words[0], nonce=words[1], verifier=words[2], language=language, ends=now + HOLDS * 1_000_000
        )
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._box.encrypt(nonce, json.dumps(asdict(left)).encode(), _BOUND)
        return base64.urlsafe_b64encode(sealed).decode(), left

    def back(self, cookie: str, state: str, *, now: int) -> Left | None:
        """The words of the browser with this cookie, which came back with this state; None where it did not leave from here, or too long ago."""
        try:
            raw = base64.urlsafe_b64decode(cookie.encode())
            left = Left(**json.loads(self._box.decrypt(raw[:_NONCE], raw[_NONCE:], _BOUND)))
        except (InvalidTag, ValueError, binascii.Error):
            return None
        if now > left.ends or not secrets.compare_digest(left.state.encode(), state.encode()):
            return None
        return left
