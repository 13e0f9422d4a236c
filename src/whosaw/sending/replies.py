"""What a server's reply means for one attempt (RFC 5321, 4.2; RFC 3463), and what of it may be kept."""

from __future__ import annotations

import re
from typing import Final

from whosaw.store.sending.sending_store import ACCEPTED, BOUNCED, DEFERRED, UNKNOWN

__all__ = ["kept_reply", "state_of", "status_of"]

_ADDRESS: Final = re.compile(r"<?[^\s<>]*@[^\s<>]*>?")
_NUMBER: Final = re.compile(r"\+?\d[\d ().-]{5,}\d")
_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_MOST: Final = 160


def state_of(code: int) -> str:
    """The state after a reply. Other than 2xx, 4xx and 5xx is no answer to the question whether it was taken."""
    return {2: ACCEPTED, 4: DEFERRED, 5: BOUNCED}.get(code // 100, UNKNOWN)


def status_of(text: str) -> str:
    """The first enhanced status code in a text, such as 5.1.1; empty where there is none."""
    found = _STATUS.search(text)
    return found[0] if found else ""


def kept_reply(text: str) -> str:
    """A reply without addresses and numbers: servers repeat whom they refuse."""
    shown = _ADDRESS.sub("<...>", text) if "@" in text else text
    status = status_of(text)
    rest = _NUMBER.sub("...", _STATUS.sub(" ", shown) if status else shown)
    return " ".join([*filter(None, [status]), *rest.split()])[:_MOST]
