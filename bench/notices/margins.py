"""Chooses from which margin on a classifier's word is taken: `python -m bench.notices.margins --write | --score`.

Every judged set is checked by classifiers that learnt nothing from it, and the margins of its notices are noted: the best one of a passage
that a phrase finds, and of one that none finds. Those least margins are chosen that cost least over all sets, a fault that is missed as much as
`_MISSED` false alarms. Texts of the language itself count in full, those of the others in part, for there are few of each kind. A margin
near the least one counts as half of either, so that no single text decides. `--score` chooses them for each set by the other sets
alone, and says how many of its faults they find.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
from tools.classifier import FOLDERS
from tools.generated import DATA

from whosaw.law.checking.classifier import FAULTS, Classifier
from whosaw.law.checking.margins import Least, load_margins
from whosaw.law.checking.parts import Part, found_in
from whosaw.law.checking.reader import Reader
from whosaw.law.checking.text import Passage

from .across import OPEN, checking_by, learnt_without
from .corpus import LANGUAGES, Judged, corpus
from .points import checked, reported
from .sentences import KEYS

__all__ = ["Noted", "chosen", "main", "noted"]

_PATH: Final = DATA / "checks" / "margins.toml"
_MISSED: Final = 6.0
_OTHERS: Final = 0.35  # how much a text of another language counts
_WIDTH: Final = 0.25  # how softly a margin counts on either side
_ALONE: Final = np.arange(-0.6, 0.61, 0.05)
_WITH_PHRASE: Final = np.concatenate([[-9.0], np.arange(-1.2, 0.41, 0.1)])
_BEFORE: Final = 4.0  # what it costs to be far from the middle, where texts tell nothing
_NEVER: Final = -9.0
_PARTS: Final = frozenset(KEYS) - frozenset(FAULTS)
# what they say is looked at for other points, too
_HELD: Final = frozenset({"nothing-to-do", "asks-for-secret", "breach-denied", "advertising", "softened"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One point of a judged notice: whether it is wrong, whether it is reported whatever the margins, and the best margins."""

    text: str
    language: str
    key: str
    wrong: bool
    always: bool
    alone: float
    with_phrase: float


class _Margin(float):
    """A least margin that notes the best margin it was compared with."""

    best = _NEVER

    def __le__(self, other: float) -> bool:
        self.best = max(self.best, other)
        return float(self) <= float(other)

    def __gt__(self, other: float) -> bool:
        return not self <= other


def noted(judged: Sequence[Judged], made: Mapping[str, Classifier]) -> list[Noted]:
    """The points of judged notices that a classifier is asked about, with the margins that `made` gives them."""
    found: list[Noted] = []
    with checking_by(made), tempfile.TemporaryDirectory() as folder:
        for each in judged:
            kept, kept_says = _checked(each, made, Path(folder), faults=np.inf, parts=np.inf, held=True)
            open_, open_says = _checked(each, made, Path(folder), faults=np.inf, parts=-np.inf, held=False)
            for key in KEYS:
                if key not in each.wrong and key not in each.holding:
                    continue
                margins = (open_ if key in _HELD else kept).get(key)
                if margins is not None:
                    says = open_says if key in _HELD or key in _PARTS else kept_says
                    found.append(
                        Noted(
                            text=each.id, language=each.language, key=key, wrong=key in each.wrong, always=key in says,
                            alone=margins[0].best, with_phrase=margins[1].best,
                        )
                    )  # fmt: skip
    return found


def _checked(
    judged: Judged, made: Mapping[str, Classifier], folder: Path, *, faults: float, parts: float, held: bool
) -> tuple[dict[str, tuple[_Margin, _Margin]], frozenset[str]]:
    """The margins that a check compares, by key, and what it reports with these least margins; with `held` those of some stand."""
    margins: dict[str, tuple[_Margin, _Margin]] = {}

    def least(language: str, key: str) -> Least:
        if key not in margins:
            stands = load_margins()[language][key]
            if held and key in _HELD:
                margins[key] = _Margin(stands.alone), _Margin(stands.with_phrase)
            else:
                value = parts if key in _PARTS else faults
                margins[key] = _Margin(value), _Margin(value)
        return Least(alone=margins[key][0], with_phrase=margins[key][1])

    def by_phrase(
        reader: Reader, part: Part | None, code: str, passages: Sequence[Passage], wanted: float
    ) -> frozenset[Passage]:
        found = found_in(part, passages) if part is not None else frozenset()
        classifier = made[reader.language.code]
        told = {each: reader.margin(classifier, code, each) for each in found}
        least(reader.language.code, code)
        margins[code][1].best = max(margins[code][1].best, *told.values(), _NEVER)
        return frozenset(each for each, margin in told.items() if margin >= float(wanted))

    with (
        patch("whosaw.law.checking.reader.margin_of", least),
        patch.object(Reader, "by_phrase", by_phrase),
    ):
        return margins, reported(checked(judged, folder).checks)


def chosen(points: Sequence[Noted], missed: float = _MISSED) -> dict[str, dict[str, Least]]:
    """The least margins of each language and key that cost least."""
    return {
        language: {
            key: _least([each for each in points if each.key == key], language, key, missed) for key in KEYS
        }
        for language in sorted(LANGUAGES.values())
    }


def _least(points: Sequence[Noted], language: str, key: str, missed: float) -> Least:
    moved = [each for each in points if not each.always]
    alone = np.array([each.alone for each in moved])[:, None]
    phrase = np.array([each.with_phrase for each in moved])[:, None]
    weight = np.array([1.0 if each.language == language else _OTHERS for each in moved])
    wrong = np.array([each.wrong for each in moved], dtype=bool)
    # how surely a margin is below the least one, by the least one
    below_alone = 1 / (1 + np.exp(np.clip((alone - _ALONE) / _WIDTH * 2, -60, 60)))
    below_phrase = 1 / (1 + np.exp(np.clip((phrase - _WITH_PHRASE) / _WIDTH * 2, -60, 60)))
    below_phrase[(phrase <= -9.0)[:, 0]] = 1.0  # no phrase finds anything
    unlike, like = (weight * wrong * missed, weight * ~wrong)
    if key in _PARTS:  # reported where it is below both
        unlike, like = like, unlike
    # `unlike` is what it costs to be below both, `like` what it costs not to be
    both = np.einsum("n,na,np->ap", unlike - like, below_alone, below_phrase)
    before = _BEFORE * (np.abs(_ALONE)[:, None] + 0.3 * np.abs(np.maximum(_WITH_PHRASE, -1.2) + 0.4)[None, :])
    at, by = np.unravel_index(np.argmin(both + before), both.shape)
    return Least(alone=round(float(_ALONE[at]), 2), with_phrase=round(float(_WITH_PHRASE[by]), 2))


def _reported(point: Noted, least: Least) -> bool:
    said = point.alone >= least.alone or (point.with_phrase > -9.0 and point.with_phrase >= least.with_phrase)
    return point.always or (not said if point.key in _PARTS else said)


def told(points: Iterable[Noted], least: Mapping[str, Mapping[str, Least]]) -> tuple[int, int, int]:
    """How many of the wrong points are reported, of how many, and how many of the others."""
    found = every = false = 0
    for each in points:
        here = _reported(each, least[each.language][each.key])
        found, every, false = (
            found + (here and each.wrong),
            every + each.wrong,
            false + (here and not each.wrong),
        )
    return found, every, false


def written(least: Mapping[str, Mapping[str, Least]]) -> str:
    lines = [
        "# Made by `python -m bench.notices.margins --write`: from which margin on a classifier's word is taken, where no phrase finds the",
        "# passage (`alone`) and where one does.",
    ]
    for language, keys in least.items():
        lines += ["", f"[{language}]"]
        lines += [
            f"{key} = {{ alone = {each.alone}, with_phrase = {each.with_phrase} }}"
            for key, each in keys.items()
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.notices.margins")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true", help="write the least margins that all sets choose")
    way.add_argument("--score", action="store_true", help="for each set, by what the others choose")
    options = parser.parse_args()
    sets = {
        folder.name: noted(corpus(folder), learnt_without(folder.name))
        for folder in FOLDERS
        if folder.name in OPEN
    }
    if options.write:
        _PATH.write_text(
            written(chosen([each for points in sets.values() for each in points])), encoding="utf-8"
        )
        return 0
    for name, points in sets.items():
        least = chosen([each for other, all_ in sets.items() if other != name for each in all_])
        for language in sorted(LANGUAGES.values()):
            found, every, false = told([each for each in points if each.language == language], least)
            print(f"{name:9} {language} faults found {found:4} of {every:4}   false alarms {false:4}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
