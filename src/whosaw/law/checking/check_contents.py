"""Does a text hold each item that the law asks for, name every kind of data that was seen, and speak to all who are concerned?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.packs.toml_file import load_toml

from .check_claims import says_when
from .check_counts import reaches
from .clauses import categories_in
from .expected import AskedItem, Expected
from .mentions import are_near, covers
from .numbers import Figure
from .reader import Reader
from .text import Passage
from .verdict import CANNOT_TELL, FAILS, HOLDS, Verdict, spot

__all__ = ["Contents", "check_categories", "check_contents", "check_groups", "load_contents"]

_NAMES = "data-named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Which parts each item of contents has; `worked_out` are parts without an item, with what they mean."""

    parts: dict[str, tuple[str, ...]]
    worked_out: dict[str, str]
    only_where_known: frozenset[str]

    def of(self, asked: Iterable[AskedItem]) -> tuple[str, ...] | None:
        """The parts of one item of contents, as all who ask for it want it; None for one that nobody has described."""
        found: dict[str, None] = {}
        for each in asked:
            if each.key not in self.parts:
                return None
            found.update(dict.fromkeys(self.parts[each.key]))
        return tuple(found)


@cache
def load_contents() -> Contents:
    """The shipped table."""
    data = load_toml(Path(str(files("whosaw") / "data" / "checks" / "contents.toml"))).data
    return Contents(
        parts={key: tuple(parts) for key, parts in data["parts"].items()},
        worked_out=dict(data["worked-out"]),
        only_where_known=frozenset(data["only-where-known"]),
    )


def check_contents(reader: Reader, expected: Expected) -> Iterator[Verdict]:
    """One verdict for each item of contents, whoever asks for it."""
    by_key: dict[str, list[AskedItem]] = {}
    for asked in expected.asked:
        if expected.form == "possible" and asked.key in load_contents().only_where_known:
            continue  # nobody is known to have got the data
        if asked.only_for and not set(asked.only_for) & set(expected.must_name):
            continue
        by_key.setdefault(asked.key, []).append(asked)
    for key, asked_by in sorted(by_key.items()):
        yield _one(reader, expected, key, tuple(asked_by))


def _one(reader: Reader, expected: Expected, key: str, asked: tuple[AskedItem, ...]) -> Verdict:
    contents = load_contents()
    parts = contents.of(asked)
    missing: list[str] = []
    lacks: list[str] = []
    unread: list[str] = []
    places: list[Passage] = []
    for part in parts or ():
        found, place = _part(reader, expected, part)
        if found is None:
            unread.append(part)
        elif not found:
            missing.append(_means(reader, part))
            lacks.append(part)
        if place is not None:
            places.append(place)
    unnamed = _unnamed(reader, expected) if parts is not None and _NAMES in parts else []
    if unnamed:
        missing = [each for each in missing if each != contents.worked_out[_NAMES]]
        missing.append("data that was seen: " + ", ".join(_word(each) for each in unnamed))
    if parts is None or (unread and not missing):
        because = f"there are no words of {reader.language.name} to recognise {', '.join(unread) or key} by"
        verdict = CANNOT_TELL
    elif not missing:
        because, verdict = "said", HOLDS
    elif key in contents.only_where_known and key not in expected.known:
        because, verdict = (
            "not said; it is asked for only where it is known, and the case does not say that it is",
            CANNOT_TELL,
        )
    else:
        because, verdict = f"not said: {'; '.join(missing)}", FAILS
    return Verdict(
        id=f"contents.{key}",
        about=asked[0].text,
        verdict=verdict,
        because=because,
        language=reader.language.code,
        spots=tuple(spot(each) for each in dict.fromkeys(places)) if verdict != FAILS else (),
        asked=asked,
        lacks=tuple(lacks) if verdict == FAILS else (),
    )


def _part(reader: Reader, expected: Expected, part: str) -> tuple[bool | None, Passage | None]:
    """Whether a part is said, and where, with what the ledger knows."""
    if part == "number-of-people":
        return _people(reader, expected)
    if part == _NAMES:
        place = next((reader.listed[key] for key in expected.must_name if key in reader.listed), None)
        return (
            (True, place)
            if place is not None
            else (reader.part(part) if not expected.must_name else (False, None))
        )
    if (
        part == "when"
        and expected.ledger is not None
        and (place := says_when(reader, expected, expected.ledger))
    ):
        return True, place
    # a filing is long, and a word that tells enough to a person says too little in it: some parts are read more strictly there
    strict = f"{part}-of-filing"
    if expected.form == "filing":
        return reader.part(strict if strict in reader.parts else part)
    found, place = reader.part(part, likeness=True)
    if part == "possibly" and found is False and reader.leak_told is not None:
        return True, reader.leak_told  # what it tells as certain is a fault of its own
    return found, place


def _people(reader: Reader, expected: Expected) -> tuple[bool, Passage | None]:
    """Whether a number of all people or accounts is given: where the ledger counts them, not only that of a part."""
    ledger = expected.ledger
    for figure in reader.figures:
        if figure.unit not in ("persons", "accounts") or _of_one_category(figure, reader):
            continue
        whole = [] if ledger is None else [ledger.counts[figure.unit]]
        whole += [bounds for _, unit, bounds in expected.area if unit == figure.unit]
        part = ledger is not None and any(
            unit == figure.unit and reaches(figure, bounds) and bounds not in whole
            for _, unit, bounds in ledger.parts
        )
        if any(reaches(figure, bounds) for bounds in whole) or not part:
            return True, figure.passage
    return False, None


def _of_one_category(figure: Figure, reader: Reader) -> bool:
    """Whether a row counts the people of whom one kind of data was seen, such as `name: 4,536 people`."""
    label, divided, _ = figure.passage.folded.replace(":", "|", 1).partition("|")
    named = categories_in(label, reader.language) if divided else []
    return any(word == label.strip() for _, word in named)


def _means(reader: Reader, part: str) -> str:
    means = load_contents().worked_out.get(part)
    if means is not None:
        return means
    # an item says what it means in its own language; in an answer it is said in English where there is that
    from .parts import load_parts

    loaded = load_parts()
    return (loaded.get(("en", part)) or loaded[reader.language.code, part]).about


def _unnamed(reader: Reader, expected: Expected) -> list[str]:
    return [] if _may_be_named(reader, expected) else _not_named(reader, expected)


def _not_named(reader: Reader, expected: Expected) -> list[str]:
    return [key for key in expected.must_name if not _named(reader, key)]


def _may_be_named(reader: Reader, expected: Expected) -> bool:
    """Whether the list of data names as many things, in words that are not known or mean a near kind, as kinds of data are not named:
    then these may be they."""
    unnamed = _not_named(reader, expected)
    other = [
        kinds
        for kinds in reader.things
        if not any(covers(kind, key) for kind in kinds for key in expected.must_name)
        and (not kinds or any(are_near(kind, key, reader.language) for kind in kinds for key in unnamed))
    ]
    return expected.form != "filing" and len(other) >= len(unnamed)


def _named(reader: Reader, key: str) -> Passage | None:
    """Where a category is named as one that got out, if anywhere."""
    seen = [each.passage for each in reader.named if each.says == "seen" and each.category == key]
    closed = reader.closed  # where a list says that it is all, what is said in passing names no other kind
    return next(iter(seen), None) or next(
        (
            passage
            for name, passage in reader.listed.items()
            if covers(name, key) and closed in (None, passage)
        ),
        None,
    )


def _word(key: str) -> str:
    from whosaw.packs.languages import load_language

    try:
        return f"{load_language('en').category(key).name} ({key})"
    except WhosawError:
        return key


def check_categories(reader: Reader, expected: Expected) -> Iterator[Verdict]:
    """One verdict for each category that was seen: is it named as seen?"""
    asked = tuple(each for each in expected.asked if _NAMES in load_contents().parts.get(each.key, ()))
    if expected.must_name and any(key in reader.language.categories for key in expected.must_name):
        yield _any_named(reader, expected, asked)
    for key in expected.must_name:
        places = [each for each in reader.named if each.category == key]
        denied = any(each.says == "not seen" for each in places)
        seen = [each.passage for each in places if each.says == "seen"]
        if not seen and not denied and (place := _named(reader, key)) is not None:
            seen = [place]
        known = key in reader.language.categories
        if seen:
            verdict, because = HOLDS, "named as seen"
        elif not known:
            verdict, because = CANNOT_TELL, f"there is no word of {reader.language.name} for it"
        elif denied:
            verdict, because = FAILS, "the text says that it was not seen; the ledger says that it was"
        elif _may_be_named(reader, expected):
            verdict = CANNOT_TELL
            because = (
                "the ledger says that it was seen; no word that is known names it, but the text lists things in other "
                "words, of which one may mean it"
            )
        else:
            verdict, because = FAILS, "the ledger says that it was seen; the text does not name it as seen"
        yield Verdict(
            id=f"category.{key}",
            about=f"{_word(key)} was seen",
            verdict=verdict,
            because=because,
            language=reader.language.code,
            spots=tuple(spot(each) for each in dict.fromkeys(seen or [one.passage for one in places]))[:3],
            asked=asked,
        )


def _any_named(reader: Reader, expected: Expected, asked: tuple[AskedItem, ...]) -> Verdict:
    """Is any kind of data that was seen named by itself, and not only as data or as contact details?"""
    seen = {each.category: each.passage for each in reader.named if each.says == "seen"} | dict(reader.listed)
    places = [
        place
        for key in expected.must_name
        for name, place in seen.items()
        if (name == key or name.startswith(f"{key}.")) and not reader.unlike("items", place)
    ]
    told = bool(places)
    return Verdict(
        id="items.given",
        about="says which data, by their kinds",
        verdict=HOLDS if told else FAILS,
        because="named" if told else "names no kind of data that was seen",
        language=reader.language.code,
        spots=tuple(spot(each) for each in dict.fromkeys(places if told else ()))[:3],
        asked=asked,
        lacks=() if told else (_NAMES,),
    )


def check_groups(reader: Reader, expected: Expected) -> Iterator[Verdict]:
    """Are people without an account, and those possibly seen, spoken of where the ledger has any?"""
    ledger = expected.ledger
    if ledger is None or expected.group:
        return
    if ledger.secondary != "no":
        found, place = reader.part("recipients")
        sure = "The ledger holds" if ledger.secondary == "yes" else "The ledger cannot exclude"
        yield _group(
            reader,
            "groups.secondary",
            "people who are no customers, such as recipients in address books, are told that it concerns them too",
            found=found,
            place=place,
            why=f"{sure} people without an account",
        )
    if ledger.possible:
        found, place = reader.part("possibly")
        yield _group(
            reader,
            "groups.possible",
            "people who may have been seen, beyond those who were, are spoken of",
            found=found,
            place=place,
            why=f"The ledger cannot exclude further people ({'; '.join(ledger.possible)})",
        )


def _group(
    reader: Reader, check: str, about: str, *, found: bool | None, place: Passage | None, why: str
) -> Verdict:
    verdict = CANNOT_TELL if found is None else HOLDS if found else FAILS
    said = {HOLDS: "spoken of", FAILS: "not spoken of", CANNOT_TELL: "no words to recognise it by"}[verdict]
    return Verdict(
        id=check,
        about=about,
        verdict=verdict,
        because=f"{why}; {said}",
        language=reader.language.code,
        spots=(spot(place),) if place is not None else (),
    )
