"""Which kinds of data a text lists, more freely than `clauses.named`: short words count where data are listed, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from whosaw.packs.languages import Language, load_language

from .clauses import clauses_of
from .phrases import Finder
from .text import Passage

__all__ = ["are_near", "covers", "is_closed", "is_short", "kinds_in", "listed", "things_listed"]

_SHORT: Final = 12
_MARKS: Final = r"(?<!\d)[,:/]|[,:/](?!\d)|[;|\u00b7\u318d\u3001\u2022]"  # a number holds some of them
_MOST_WORDS_OF_A_THING: Final = 12
_FEWEST_OF_A_LIST: Final = 2
# a way to reach somebody is no data that got out: `phone 0711 555 020`, `e-mail: dpo@example.org`
_REACHED: Final = re.compile(
    r"[^\W\d_]+\W{0,4}\s?(?:\+?\(?\d(?:[\s().-]{0,2}\d){6,16}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})"
)

# where one item of a list reaches somebody, the list says how to, and names no data
_TO_REACH: Final = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}\.|https?://|(?<![\d.])[+0]\d(?:[\s()-]{0,2}\d){6,14}(?!\d)"
)


@lru_cache(maxsize=8)
def _names(code: str) -> tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]]:
    language = load_language(code)
    keys: dict[str, list[str]] = {}
    for key, words in language.categories.items():
        for name in (words.name, *words.also, *words.listed):
            keys.setdefault(_plain(name), []).append(key)
    every = [
        name for words in language.categories.values() for name in (words.name, *words.also, *words.listed)
    ]
    return Finder(language.reading).names(every), {name: tuple(found) for name, found in keys.items()}


def _plain(name: str) -> str:
    return "".join(re.findall(r"\w+", name.casefold()))


def listed(
    passages: Sequence[Passage], language: Language, aside: frozenset[Passage] = frozenset()
) -> Mapping[str, Passage]:
    """Categories with the first passage that lists each: beside words of seeing, beside another kind of data, or as a row of its own.

    What is denied lists nothing, and what people are told to do (`aside`) names no data by a row of its own.
    """
    found: dict[str, Passage] = {}
    leads = False
    for passage in passages:
        spoken = [each for each in clauses_of(passage, language) if each.says not in ("aside", "not seen")]
        here = [(each, _here(_REACHED.sub(" ", each.text), language)) for each in spoken]
        several = len({word for _, words in here for word in words}) > 1
        short = (
            passage.item
            or passage.heading
            or (len(passage.folded.split()) <= _SHORT and passage.folded[-1:] != ".")
        )
        told = any(each.says in ("seen", "unsure") for each in spoken)
        for clause, words in here:
            if several or clause.says in ("seen", "unsure") or (short and leads and passage not in aside):
                for key in sorted({key for keys in words.values() for key in keys}):
                    found.setdefault(key, passage)
        leads = told or (leads and short and any(words for _, words in here))
    return found


def things_listed(
    passages: Sequence[Passage], language: Language, aside: frozenset[Passage] = frozenset()
) -> tuple[tuple[Passage, str], ...]:
    """The things that the longest list of data names, each with its passage, whether their words are known or not. A list is what one
    passage holds from its first known kind of data on, or a run of list items of which one holds such a kind, but for a run under what
    denies or in which an item says how to reach somebody. A paragraph with a number before it is no item. A list that says that it is all
    goes before longer ones."""
    longest: list[tuple[Passage, str]] = []
    run: list[tuple[Passage, str]] = []
    known = denied = False
    for passage, behind in zip(passages, (*passages[1:], None), strict=True):
        here = [] if passage in aside else [(passage, each) for each in _things(passage, language)]
        if is_closed(passage, [each for _, each in here], language, behind):
            return tuple(here)
        if passage.item and (here or is_short(passage.folded)):
            known = known or bool(here)
            run += here or ([(passage, passage.folded)] if known and passage not in aside else [])
        else:
            denied = [each.says for each in clauses_of(passage, language) if each.says][-1:] == ["not seen"]
            run, known = [], False
        reaches = any(_TO_REACH.search(each.folded) for each, _ in run)
        longest = max(longest, here, run if known and not denied and not reaches else [], key=len)
    return tuple(longest)


def is_closed(
    passage: Passage, things: Sequence[str], language: Language, behind: Passage | None = None
) -> bool:
    """Whether a passage that lists these things says that they are all, or the passage behind it does."""
    if len([each for each in things if kinds_in(each, language)]) < _FEWEST_OF_A_LIST:
        return False
    finder, reading = Finder(language.reading), language.reading
    return finder.first(reading.closed, passage.folded) is not None or (
        behind is not None
        and not kinds_in(behind.folded, language)
        and finder.first(reading.closed_after, behind.folded) is not None
    )


def is_short(text: str) -> bool:
    """Whether folded text is a row of a list and no sentence."""
    return len(text.split()) <= _MOST_WORDS_OF_A_THING and not text.endswith(".")


def _things(passage: Passage, language: Language) -> list[str]:
    """The things that a passage lists, from the first that is known on; none where none is known. What leads to a list by a colon is no
    part of it."""
    found: list[str] = []
    for clause in clauses_of(passage, language):
        if clause.says in ("aside", "not seen"):
            continue
        longest: list[str] = []
        for text in clause.text.split(": "):
            side = _side(text, language, goes_on=bool(found))
            longest = side if len(side) > len(longest) else longest
        found += longest
    return found


def _side(text: str, language: Language, *, goes_on: bool) -> list[str]:
    parts = [each.strip() for each in _between(language.code).split(text)]
    finder, closed = Finder(language.reading), language.reading.closed
    parts = [
        each
        for each in parts
        if each
        and (kinds_in(each, language) or len(each.split()) <= _MOST_WORDS_OF_A_THING)
        and (kinds_in(each, language) or finder.first(closed, each) is None)
    ]
    first = next((at for at, each in enumerate(parts) if goes_on or kinds_in(each, language)), len(parts))
    return parts[first:]


@lru_cache(maxsize=8)
def _between(code: str) -> re.Pattern[str]:
    joins = load_language(code).reading.joins
    words = [re.escape(each).replace(r"\ ", r"\s") for each in joins if not each.startswith("*")]
    ends = [rf"(?<=\w){re.escape(each[1:])}(?=\s)" for each in joins if each.startswith("*")]
    return re.compile("|".join([_MARKS, *ends, *(rf"(?<!\w){each}(?!\w)" for each in words)]))


def _here(text: str, language: Language) -> Mapping[str, tuple[str, ...]]:
    """The categories of each word in a text."""
    return _here_in(text, language.code)


@lru_cache(maxsize=16_384)  # parts of one text are asked again and again
def _here_in(text: str, code: str) -> Mapping[str, tuple[str, ...]]:
    language = load_language(code)
    pattern, keys = _names(code)
    found: dict[str, tuple[str, ...]] = {}
    for each in pattern.finditer(text):
        word = _plain(each[0])
        own = keys.get(word)
        for ending in language.reading.endings if own is None else ():
            own = own or keys.get(word.removesuffix(_plain(ending)))
        if own:
            found[word] = own
    return found


def kinds_in(text: str, language: Language) -> frozenset[str]:
    """The categories that folded text names, in short words too."""
    return frozenset(key for keys in _here(text, language).values() for key in keys)


def covers(named: str, key: str) -> bool:
    """Whether a name of the one says the other too: itself, what it belongs to, or a part of it."""
    return named == key or key.startswith(f"{named}.") or named.startswith(f"{key}.")


def are_near(one: str, other: str, language: Language) -> bool:
    """Whether the words for one kind of data may be meant for the other: both belong to one family, or share a word."""
    if one.partition(".")[0] == other.partition(".")[0]:
        return True
    return any({one, other} <= set(keys) for keys in _names(language.code)[1].values())
