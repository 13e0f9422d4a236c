"""The forms of a Korean verb by its stem, as they begin before any ending: 막 and 막았, 바꾸, 바꿔, 바꿨, 바꾼, 바꿀, 바꿉."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

__all__ = ["forms_of"]

_FIRST: Final = 0xAC00
_VOWELS, _FINALS = 21, 28
_A, _YA, _EO, _YEO, _O, _WA, _U, _WO, _EU, _I = 0, 2, 4, 6, 8, 9, 13, 14, 18, 20
_N, _L, _B, _SS = 4, 8, 17, 20
_CONTRACTED: Final = {_O: _WA, _U: _WO, _I: _YEO, _EU: _EO}


def _split(syllable: str) -> tuple[int, int, int]:
    at = ord(syllable) - _FIRST
    return at // (_VOWELS * _FINALS), at // _FINALS % _VOWELS, at % _FINALS


def _join(lead: int, vowel: int, final: int) -> str:
    return chr(_FIRST + (lead * _VOWELS + vowel) * _FINALS + final)


@lru_cache(maxsize=4096)
def forms_of(stem: str) -> tuple[str, ...]:
    """What may be written of a stem: itself, with the finals that endings put under an open syllable, and drawn together with the
    vowel of the past and of requests. Irregular stems are taken with every form that their last syllable may have."""
    if not stem or not "\uac00" <= stem[-1] <= "\ud7a3":
        return (stem,)
    head, last = stem[:-1], stem[-1]
    if last == "\ud558":  # 하: 해, 했
        return tuple(head + each for each in "\ud558\ud574\ud588\ud55c\ud560\ud569\ud568")
    lead, vowel, final = _split(last)
    if final == 0:
        open_forms = [_join(lead, vowel, each) for each in (0, _N, _L, _B, _SS)]
        drawn = _CONTRACTED.get(vowel)
        if drawn is not None:
            open_forms += [_join(lead, drawn, 0), _join(lead, drawn, _SS)]
        if last == "\ub974" and head:  # 르: 눌러, 몰라
            before = _split(head[-1])
            doubled = head[:-1] + _join(before[0], before[1], _L)
            return (*(head + each for each in open_forms), doubled + "\ub7ec", doubled + "\ub7ec\uc11c", doubled + "\ub800",
                    doubled + "\ub77c", doubled + "\ub790")  # fmt: skip
        return tuple(dict.fromkeys(head + each for each in open_forms))
    if final == _L:  # drops before n, b, s: 걸, 거, 건, 겁
        return tuple(head + _join(lead, vowel, each) for each in (_L, 0, _N, _B))
    return (stem,)
