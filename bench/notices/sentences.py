"""Sentences with what they say and do not say, for classifiers: of judged notices, of probes, written to learn from, of whosaw's
own notices, and of the cases of items."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whosaw.law.checking.parts import Part, load_parts
from whosaw.law.checking.text import Passage, answers_of, blocks_of_plain, fold, passages_of
from whosaw.packs.languages import language_folder

from .corpus import ELEMENTS, KINDS, LANGUAGES, Judged, What

__all__ = ["KEYS", "LEARNT", "Sentence", "of_cases", "of_drafts", "of_notices", "of_probes", "of_written"]

# what a sentence alone cannot tell: it needs the days or the categories of the case, an address, or headings
_BY_CASE: Final = ("wrong-dates", "items-understated")
_PARTS: Final = (
    "breach",
    "items",
    "how",
    "found",
    "consequences",
    "advice",
    "measures",
    "redress",
    "followup",
)
KEYS: Final = (*(each for each in KINDS if each not in _BY_CASE), *_PARTS)
# the items whose cases say the same as a key, where they have another name
_ITEMS: Final = {
    "nothing-needed": "nothing-to-do",
    "lost-as-read": "possible-as-certain",
    "discovered": "found",
    "further-notice": "followup",
}
LEARNT: Final = frozenset(KEYS)
_PLAIN: Final = "plain"  # the probes that hold no fault of any kind
_WHERE: Final[Mapping[str, Callable[[What], bool]]] = {
    "certain-as-possible": lambda case: case.certain and case.act != "lost",
    "possible-as-certain": lambda case: not case.certain or case.act == "lost",
    "taken-as-seen": lambda case: case.act == "taken",
}
# what drafts say of people of whom it is not certain
_UNSURE: Final = (
    "possible",
    "suspected",
    "cannot-tell",
    "open",
    "earlier",
    "later",
    "statistical",
    "rest",
    "unknown",
)
# what they say of people of whom it is
_SURE: Final = ("seen", "rest", "secondary", "title", "opening", "message", "people")
_GIVEN: Final = (
    None,
    "certain",
    "possible",
    "copied",
    "lost",
)  # what a sentence presupposes, where that is no figure
# kinds that one sentence may well be at once: a probe of the one says nothing of the others
# parts that one sentence may well say at once
_NEAR_PARTS: Final = (
    {"breach", "how", "found", "items", "when"},
    {"redress", "measures", "followup"},
    {"redress", "contact", "rights"},
    {"advice", "contact", "redress", "rights"},
    {"consequences", "advice"},
    {"measures", "how", "found"},
)
_NEAR: Final = (
    {"minimised", "groundless-safety", "nothing-to-do", "breach-denied", "number-understated", "softened"},
    {"rights-denied", "rights-waived", "conditions", "duty-disclaimed"},
    {"softened", "breach-denied", "duty-disclaimed"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Folded text and what is known of it: for a key whether it says that. What is open or cannot be told has no entry."""

    language: str
    text: str
    says: Mapping[str, bool]


def of_notices(judged: Sequence[Judged]) -> Iterator[Sentence]:
    """Every passage of judged notices."""
    for each in judged:
        passages = passages_of(blocks_of_plain(each.text))
        says: list[dict[str, bool]] = [{} for _ in passages]
        for key, words, absent in _verdicts(each):
            places = {place for one in words for place in _places(passages, one)}
            for at, known in enumerate(says):
                if at in places:
                    known[key] = True
                elif absent:
                    known[key] = False
        spoken = {
            element: {at for at in _places(passages, words) if _few_said(passages[at], words)}
            for element, words in each.held.items()
        }
        for at, known in enumerate(says):
            for other in {element for element, places in spoken.items() if at in places}:
                known |= {part: False for part in _other_parts(other) if part not in known}
        yield from _words(each, passages)
        answers = answers_of(passages)
        for passage, known in zip(passages, says, strict=True):
            yield Sentence(language=each.language, text=passage.folded, says=known)
            if passage in answers:
                yield Sentence(language=each.language, text=answers[passage], says=known)


def _verdicts(judged: Judged) -> Iterator[tuple[str, list[str], bool]]:
    """Each key with the words that say it, and whether all other passages do not say it: of an element, others may say it too."""
    for kind in KINDS:
        if kind in LEARNT and kind not in judged.open and _WHERE.get(kind, _always)(judged.case):
            yield kind, [words for each, words in judged.faults if each == kind], True
    for element in ELEMENTS:
        if element in LEARNT and (element in judged.held or element in judged.missing):
            yield (
                element,
                [judged.held[element]] if element in judged.held else [],
                element in judged.missing,
            )


def _words(judged: Judged, passages: Sequence[Passage]) -> Iterator[Sentence]:
    """The words alone that are a fault, where they are a part of a longer passage."""
    whole = {_plain(each.folded) for each in passages}
    for kind, words in judged.faults:
        if kind in LEARNT and kind not in judged.open and _plain(fold(words)) not in whole:
            yield Sentence(language=judged.language, text=fold(words), says={kind: True})


def _few_said(passage: Passage, words: str) -> bool:
    """Whether the words are most of the passage, so that it says nothing else beside."""
    return 2 * len(_plain(fold(words))) >= len(_plain(passage.folded))


def _other_parts(element: str) -> list[str]:
    """The parts that a sentence which says an element surely does not."""
    near = set().union({element}, *(group for group in _NEAR_PARTS if element in group))
    return [each for each in _PARTS if each not in near]


def _always(_: What) -> bool:
    return True


def _places(passages: Sequence[Passage], words: str) -> set[int]:
    """Which passages the words stand in, or hold."""
    wanted = _plain(fold(words))
    texts = [_plain(each.folded) for each in passages]
    found = {at for at, text in enumerate(texts) if wanted in text or (text in wanted and len(text) > 3)}
    if not found:  # they begin in one passage and end in another
        few = wanted.split()[:3], wanted.split()[-3:]
        found = {
            at for at, text in enumerate(texts) if any(f" {' '.join(each)} " in f" {text} " for each in few)
        }
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())


def of_probes(folder: Path, before: int | None = None) -> Iterator[Sentence]:
    """The sentences of `folder`, each a line under its kind: `said` and `not_said`; of the files numbered below `before` alone."""
    for name, code in LANGUAGES.items():
        for path in sorted(folder.glob(f"{name}*.toml")):
            if before is not None and _number(path) >= before:
                continue
            for key, lines in tomllib.loads(path.read_text(encoding="utf-8")).items():
                others = _others(key)
                for said, text in ((True, lines.get("said", "")), (False, lines.get("not_said", ""))):
                    for line in text.strip().splitlines():
                        says = dict.fromkeys(others, False) | ({key: said} if key in LEARNT else {})
                        yield Sentence(language=code, text=fold(line), says=says)


def _number(path: Path) -> int:
    """The number that a file's name ends with; 1 where it has none."""
    end = path.stem.rpartition("-")[2]
    return int(end) if end.isdecimal() else 1


def _others(key: str) -> list[str]:
    """The kinds that a sentence written for one key surely is not."""
    faults = [each for each in KINDS if each in LEARNT and each not in _WHERE and each != key]
    if key == _PLAIN:
        return [*faults, "certain-as-possible"]
    if key in ELEMENTS:
        told = faults if key != "breach" else [each for each in faults if each != "softened"]
        return [*told, *(_WHERE if key not in ("breach", "how") else ()), *_other_parts(key)]
    near = set().union(*(group for group in _NEAR if key in group))
    return [each for each in faults if each not in near]


def of_written(folder: Path, without: Collection[int] = ()) -> Iterator[Sentence]:
    """The sentences and notices of `folder`, a JSON object a line. A sentence says what it is marked with, and nothing else but what is
    open; of a notice it is known alone what none of its passages says. Files with a number of `without` are left out."""
    for path in sorted(folder.glob("*.jsonl")):
        if _number(path) in without:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            said = {*row["faults"], *row["points"]}
            if row["given"] not in _GIVEN:  # a figure, which a sentence alone cannot tell to be too low
                said -= {"number-understated"}
                row["open"].append("number-understated")
            says = {
                key: key in said
                for key in KEYS
                if key in said or key == row["near"] or (key not in row["open"] and key not in _WHERE)
            }
            if row["kind"] == "sentence":
                yield Sentence(language=row["lang"], text=fold(row["text"]), says=says)
                continue
            absent = {key: False for key, value in says.items() if not value}
            for passage in passages_of(blocks_of_plain(row["text"])):
                yield Sentence(language=row["lang"], text=passage.folded, says=absent)


def of_drafts() -> Iterator[Sentence]:
    """What whosaw itself writes in notices, and beside them for who prepares them: it holds no fault, and what it tells as certain it does not tell as a possibility, nor the other way round."""
    for code in LANGUAGES.values():
        files = [language_folder(code) / f"{name}.toml" for name in ("draft", "notice", "preparer")]
        wording = {each.stem: tomllib.loads(each.read_text(encoding="utf-8")) for each in files}
        for path, text in _texts(wording, ""):
            if "cleared" in path:
                continue  # it denies what did not happen
            says = {key: False for key in KEYS if key in KINDS and key not in _WHERE}
            if not any(each in path for each in _UNSURE):
                says["certain-as-possible"] = False
            if "possible" in path or not any(each in path for each in _SURE):
                says["possible-as-certain"] = False
            for passage in passages_of(blocks_of_plain(text)):
                yield Sentence(language=code, text=passage.folded, says=says)


def _texts(found: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text inside, with the keys that lead to it."""
    if isinstance(found, str):
        yield path, found
    elif isinstance(found, dict):
        for key, each in found.items():
            yield from _texts(each, f"{path}.{key}")
    elif isinstance(found, list):
        for each in found:
            yield from _texts(each, path)


def of_cases(parts: Mapping[tuple[str, str], Part] | None = None) -> Iterator[Sentence]:
    """The cases of items that say the same as a key, as far as they are one sentence; all sentences of those that do not say it."""
    for (code, name), part in (parts or load_parts()).items():
        key = _ITEMS.get(name, name)
        if key not in LEARNT:
            continue
        for case in part.cases:
            passages = passages_of(blocks_of_plain(case.text))
            if not case.found or len(passages) == 1:
                yield from (
                    Sentence(language=code, text=each.folded, says={key: case.found}) for each in passages
                )
