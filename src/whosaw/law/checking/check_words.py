"""The word for what happened, whom to ask, and what calms people who should not be calm."""

from __future__ import annotations

from collections.abc import Iterator

from .check_contents import load_contents
from .check_faults import WORDED_LIKE
from .expected import Expected
from .reader import Reader
from .text import Passage
from .verdict import CANNOT_TELL, FAILS, HOLDS, Verdict, spot

__all__ = ["check_words"]


def check_words(reader: Reader, expected: Expected, headline: Passage | None) -> Iterator[Verdict]:
    """Verdicts about words. `headline` is that of the whole text."""
    told = expected.form != "filing" or any(
        "leak-said" in load_contents().parts.get(each.key, ()) for each in expected.asked
    )
    if told:
        yield _legal_word(reader, expected)
    if reader.euphemisms and told:
        yield _euphemism(reader, expected, headline)
    asked = {each.key for each in expected.asked}
    if "contact" not in asked and expected.form != "filing":
        yield _present(reader, "contact", "whom to ask, with a telephone number, an e-mail address or a page")
    if expected.form != "filing":
        yield _nothing_needed(reader)


def _legal_word(reader: Reader, expected: Expected) -> Verdict:
    # where a law says which word it wants, and another stands in for it, telling what somebody did is not enough
    told = reader.leak_said if expected.form == "filing" else reader.leak_told
    place = reader.legal_word if expected.word_asked and reader.euphemisms else told
    word = reader.language.leak_word
    standing_in = ", ".join(sorted({word for _, word in reader.euphemisms}))
    because = "said"
    if place is None:
        because = (
            f"the text nowhere says, without denying it, that data leaked ({word}), nor what somebody did"
        )
        because += f"; it says {standing_in} instead" if standing_in else ""
    return Verdict(
        id="word.legal",
        about=f"says that data leaked, in the word of the law such as {word} or by what somebody did",
        verdict=HOLDS if place is not None else FAILS,
        because=because,
        language=reader.language.code,
        spots=(spot(place),) if place is not None else tuple(spot(each) for each, _ in reader.euphemisms)[:3],
        asked=expected.word_asked,
    )


def _euphemism(reader: Reader, expected: Expected, headline: Passage | None) -> Verdict:
    at_the_top = [
        (passage, word)
        for passage, word in reader.euphemisms
        if passage.heading
        or (headline is not None and (passage.text, passage.line) == (headline.text, headline.line))
    ]
    word = at_the_top[0][1] if at_the_top else reader.euphemisms[0][1]
    titled = (
        expected.form != "filing"
        and bool(at_the_top)
        and not any(_has_word(reader, passage) for passage, _ in at_the_top)
    )
    if titled:
        because = f"a heading says {word} for it"
    elif reader.legal_word is None:
        because = f"{word} stands in for the word of the law, which the text does not use"
    else:
        because = f"the word of the law is used, and beside it {word}"
    return Verdict(
        id="word.euphemism",
        about="no other word stands in for that of the law",
        verdict=FAILS if titled or reader.legal_word is None else HOLDS,
        because=because,
        language=reader.language.code,
        spots=tuple(spot(passage) for passage, _ in (at_the_top if titled else reader.euphemisms))[:5],
        asked=expected.word_asked,
    )


def _has_word(reader: Reader, passage: Passage) -> bool:
    from .phrases import Finder

    return Finder(reader.language.reading).first(reader.language.leak, passage.folded) is not None


def _present(reader: Reader, key: str, about: str) -> Verdict:
    found, place = reader.part(key)
    return Verdict(
        id=f"{key}.given",
        about=about,
        verdict=CANNOT_TELL if found is None else HOLDS if found else FAILS,
        because="said" if found else "not said",
        language=reader.language.code,
        spots=(spot(place),) if place is not None else (),
    )


def _nothing_needed(reader: Reader) -> Verdict:
    place, by_phrase = reader.fault("nothing-needed", "nothing-to-do")
    return Verdict(
        id="word.nothing-needed",
        about="does not tell people that they need do nothing",
        verdict=HOLDS if place is None else FAILS,
        because="not said"
        if place is None
        else "says that nothing need be done, to people whose data are in other hands"
        + ("" if by_phrase else WORDED_LIKE),
        language=reader.language.code,
        spots=(spot(place),) if place is not None else (),
    )
