"""In which language each passage is written, by its script and its commonest words. What fits none has no language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from whosaw.packs.languages import Language

from .text import Passage

__all__ = ["Share", "in_languages"]

_WORDS: Final = re.compile(r"[^\W\d_]+")
_SCRIPTS: Final = {
    "hangul": re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]"),
    "latin": re.compile(r"[a-z\u00c0-\u024f]", re.IGNORECASE),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff]"),
    "hebrew": re.compile(r"[\u0590-\u05ff]"),
    "kana": re.compile(r"[\u3040-\u30ff]"),
    "han": re.compile(r"[\u4e00-\u9fff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
    "ethiopic": re.compile(r"[\u1200-\u137f]"),
}
_LEAST_SHARE: Final = 0.12
_LEAST_WORDS: Final = 12
_SENTENCE: Final = re.compile(r"[.!?]\W*$")
_LONG: Final = 18
_HARDLY: Final = 0.06  # of a line of names, numbers and addresses; text in another language holds fewer
_COMMON: Final = 0.12  # a fifth to a half of running text are common words; names and lists hold fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of a text is in one language ("" for none that has words here), in words."""

    language: str
    words: int
    part: float

    @property
    def counts(self) -> bool:
        """Whether it is a text of its own, and no quotation or name."""
        return self.words >= _LEAST_WORDS or self.part >= 0.5 if self.part >= _LEAST_SHARE else False


def in_languages(
    passages: Sequence[Passage], languages: Mapping[str, Language]
) -> tuple[tuple[Passage, ...], tuple[Share, ...]]:
    """The passages with their languages, and each language's share, the largest first.

    Passages too short to tell go with the one before them, or after, and so do headings in a language in which no sentence is: a law may
    ask for them in its own words. Words in a script that only one language here uses decide.
    """
    guesses = [_guess(each, languages) for each in passages]
    telling = {
        guess for each, guess in zip(passages, guesses, strict=True) if guess is not None and _tells(each)
    }
    guesses = [None if telling and each not in telling else each for each in guesses]
    whole = _whole(passages, languages)
    filled: list[str] = []
    last: str | None = None
    for at, guess in enumerate(guesses):
        if guess is None:
            following = next((each for each in guesses[at + 1 :] if each is not None), None)
            filled.append(last if last is not None else following if following is not None else whole)
        else:
            filled.append(guess)
            last = guess
    told = tuple(replace(each, language=code) for each, code in zip(passages, filled, strict=True))
    counted: Counter[str] = Counter()
    for each in told:
        counted[each.language] += max(1, len(_WORDS.findall(each.folded)))
    total = sum(counted.values()) or 1
    shares = tuple(
        Share(language=code, words=words, part=words / total)
        for code, words in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    )
    return told, shares


def _tells(passage: Passage) -> bool:
    """Whether a passage is a sentence, or as long as one."""
    return _SENTENCE.search(passage.folded) is not None or len(_WORDS.findall(passage.folded)) >= _LEAST_WORDS


def _guess(passage: Passage, languages: Mapping[str, Language]) -> str | None:
    """A language, "" for one that has no words here, or None where the passage is too short to tell."""
    script = _script(passage.folded)
    if script is None:
        return None
    able = [each for each in languages.values() if each.reading.script == script]
    if not able:
        return ""
    if len(able) == 1 and script != "latin":
        return able[0].code
    words = _WORDS.findall(passage.folded)
    if len(words) < 5:
        return None
    guess = _by_common(words, able)
    # names and addresses hold no common words in any language; they are told by their capitals
    running = sum(word[0].islower() for word in _WORDS.findall(passage.text))
    return None if guess == "" and running < _LONG else guess


def _by_common(words: Sequence[str], able: Sequence[Language]) -> str | None:
    scored = sorted(
        ((sum(word in each.reading.common for word in words), each.code) for each in able), reverse=True
    )
    best, code = scored[0]
    second = scored[1][0] if len(scored) > 1 else 0
    if best / len(words) < _COMMON:
        return "" if len(words) >= _LONG and best / len(words) < _HARDLY else None
    return code if best > second else None


def _whole(passages: Sequence[Passage], languages: Mapping[str, Language]) -> str:
    text = " ".join(each.folded for each in passages)
    script = _script(text)
    able = [each for each in languages.values() if each.reading.script == script]
    if script != "latin":
        return able[0].code if len(able) == 1 else ""
    words = _WORDS.findall(text)
    return (_by_common(words, able) if able and words else "") or ""


def _script(text: str) -> str | None:
    counted = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    if counted["kana"]:
        counted["kana"] += counted.pop("han")
    # a syllable of Hangul holds two or three letters, and Korean texts write names and terms in Latin ones
    counted["hangul"] *= 6
    best = max(counted, key=lambda name: (counted[name], name))
    return best if counted[best] >= 3 else None
