"""How long a text message is on its channel, and which sentences fit into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from whosaw.packs.notice_words import NoticeWords

__all__ = ["fits", "message"]

# 3GPP TS 23.038: the alphabet of 7 bits, and its extension whose characters count twice
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("^{}\\[~]|€\f")
# one of several joined messages holds 153 characters of 7 bits, or 67 of 16
_JOINED, _JOINED_WIDE = 153, 67


def fits(text: str, words: NoticeWords) -> bool:
    """Whether a text is within the length that the language gives for its channel. A character outside the alphabet of 7 bits makes
    all of them 16 bits wide, in the same number of joined messages."""
    wide = len(text.encode("utf-16-be")) // 2
    if words.encoding == "cp949":
        try:
            return len(text.encode("cp949")) <= words.most
        except UnicodeEncodeError:
            return False
    if words.encoding == "utf-16":
        return wide <= words.most
    if all(each in _BASIC or each in _EXTENDED for each in text):
        return sum(2 if each in _EXTENDED else 1 for each in text) <= words.most
    return wide <= words.most // _JOINED * _JOINED_WIDE


def message(must: Sequence[str], may: Sequence[str], words: NoticeWords) -> str | None:
    """All sentences of `must`, and of `may` the first ones that fit; None where not even the former do."""
    for keep in range(len(may), -1, -1):
        text = " ".join((*must, *may[:keep]))
        if fits(text, words):
            return text
    return None
