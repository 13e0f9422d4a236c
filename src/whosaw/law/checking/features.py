"""What a classifier sees of a sentence: its words, pairs of neighbouring words, and runs of letters inside words.

Runs of letters stand in for stems: a Korean or Swahili word changes at its ends or at its front, and keeps its middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

__all__ = ["features_of"]

_TOKEN: Final = re.compile(r"[^\W\d_]{1,40}|\d[\d,.:/-]{0,30}|[?!%]")
_MOST_TOKENS: Final = 120
_RUNS: Final = {False: (4, 5), True: (2, 3)}  # a syllable of a joined language is one letter
_ACROSS: Final = (4, 5)


def features_of(folded: str, *, joined: bool) -> frozenset[str]:
    """The features of folded text (see `Passage.folded`). Every number is one and the same; of a very long text the front counts."""
    tokens = ["#" if each[0].isdigit() else each for each in _TOKEN.findall(folded)[:_MOST_TOKENS]]
    return frozenset(_features(tokens, joined=joined))


def _features(tokens: list[str], *, joined: bool) -> Iterator[str]:
    if tokens:
        yield f"^ {tokens[0]}"
    for word in tokens:
        yield f"{word} "
        yield from _runs(f"<{word}>", _RUNS[joined])
    for one, other in pairwise(tokens):
        yield f"{one} {other}"
    if joined:  # spaces are set freely, so runs go across them as well
        yield from (f"_{each}" for each in _runs("".join(tokens), _ACROSS))


def _runs(text: str, lengths: tuple[int, ...]) -> Iterator[str]:
    for length in lengths:
        for at in range(len(text) - length + 1):
            yield text[at : at + length]
