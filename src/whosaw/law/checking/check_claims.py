"""Claims about what was not seen, about misuse and about times, held against what the ledger and the case know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from operator import itemgetter

from whosaw.core.errors import WhosawError
from whosaw.core.reasons import joined_reasons
from whosaw.packs.languages import load_language

from .dates import Day
from .expected import Aware, Expected, Ledger
from .phrases import Finder
from .reader import Reader
from .text import Passage
from .verdict import CANNOT_TELL, FAILS, HOLDS, Verdict, spot

__all__ = ["check_claims", "days_of_awareness", "says_when"]


def check_claims(reader: Reader, expected: Expected) -> Iterator[Verdict]:
    """Verdicts about every claim that is made; what is not claimed has none."""
    ledger = expected.ledger
    if ledger is not None:
        yield from _not_seen(reader, expected, ledger)
        yield from _seen(reader, ledger)
        yield from _window(reader, expected, ledger)
    yield from _misuse(reader)
    yield from _aware(reader, expected)


def _title(key: str) -> str:
    try:
        return f"{load_language('en').category(key).name} ({key})"
    except WhosawError:
        return key


def _not_seen(reader: Reader, expected: Expected, ledger: Ledger) -> Iterator[Verdict]:
    claims: dict[str, list[Passage]] = {}
    for each in reader.named:
        if each.says == "not seen":
            claims.setdefault(each.category, []).append(each.passage)
    for key, places in sorted(claims.items()):
        if key in expected.must_name and (
            any(each.category == key and each.says == "seen" for each in reader.named)
            or reader.listed.get(key, places[0]) not in places
        ):
            continue  # said to be seen as well: of some people yes, of others not
        verdict, because = _held(key, expected, ledger)
        yield Verdict(
            id=f"claim.not-seen.{key}",
            about=f"{_title(key)} was not seen",
            verdict=verdict,
            because=because,
            language=reader.language.code,
            spots=tuple(spot(each) for each in dict.fromkeys(places)),
        )


def _held(key: str, expected: Expected, ledger: Ledger) -> tuple[str, str]:
    """What the ledger says of a category and all narrower ones."""
    inside = {
        each: answer
        for each, answer in ledger.categories.items()
        if each == key or each.startswith(f"{key}.")
    }
    if expected.addressed is not None:
        seen = [each for each in expected.addressed if each == key or each.startswith(f"{key}.")]
        inside = {each: "not seen" if answer == "seen" else answer for each, answer in inside.items()}
        inside.update(dict.fromkeys(seen, "seen"))
    seen = sorted(each for each, answer in inside.items() if answer == "seen")
    if seen:
        return FAILS, f"the ledger says that it was seen ({', '.join(seen)})"
    unsure = sorted(each for each, answer in inside.items() if answer == "cannot tell")
    if unsure:
        why = joined_reasons(ledger.why[each] for each in unsure if ledger.why.get(each))
        return CANNOT_TELL, f"the ledger cannot tell ({', '.join(unsure)})" + (f": {why}" if why else "")
    if not inside:
        return CANNOT_TELL, "the ledger knows no page that carries it, so it proves nothing about it"
    if not ledger.complete:
        return CANNOT_TELL, "views are open of which the ledger does not know what they carried"
    return HOLDS, "the ledger says the same"


def _seen(reader: Reader, ledger: Ledger) -> Iterator[Verdict]:
    claims: dict[str, list[Passage]] = {}
    for each in reader.named:
        if each.says == "seen" and ledger.categories.get(each.category) == "not seen":
            claims.setdefault(each.category, []).append(each.passage)
    for key, places in sorted(claims.items()):
        yield Verdict(
            id=f"claim.seen.{key}",
            about=f"{_title(key)} was seen",
            verdict=CANNOT_TELL,
            because="named as seen, as far as can be read; the ledger says that it was not",
            language=reader.language.code,
            spots=tuple(spot(each) for each in dict.fromkeys(places)),
        )


def _misuse(reader: Reader) -> Iterator[Verdict]:
    found, place = reader.part("no-misuse")
    if found and place is not None:
        yield Verdict(
            id="claim.no-misuse",
            about="there is no sign of misuse, or nothing was kept or passed on",
            verdict=CANNOT_TELL,
            because="logs of views cannot show what was done with the data afterwards; say on what this rests, or leave it out",
            language=reader.language.code,
            spots=(spot(place),),
        )


def _window(reader: Reader, expected: Expected, ledger: Ledger) -> Iterator[Verdict]:
    """The span, or else the day, that the text gives, against the first and the last view. A day that it names beside, in whatever
    words, is not lost."""
    first_known, last_known = ledger.first_day, ledger.last_day
    about = "when it began and ended"
    days = [day for span in reader.spans for day in (span.first, span.last)] or list(_days_of_views(reader))
    days = days or list(_days_inside(reader, expected, ledger))
    if not days:
        return
    places = tuple(spot(each) for each in dict.fromkeys(day.passage for day in days))
    if first_known is None or last_known is None:
        yield Verdict(
            id="claim.window", about=about, verdict=CANNOT_TELL, language=reader.language.code, spots=places,
            because=f"scope version {ledger.version} holds no first and last view",
        )  # fmt: skip
        return
    named = {day.dated(first_known, last_known) for day in reader.days_in()}
    dated = sorted(each for day in days if (each := day.dated(first_known, last_known)) is not None)
    if not dated:
        return
    faults = []
    if first_known not in named and dated[0] != first_known:
        faults.append(
            f"the first view in the ledger was on {first_known.isoformat()}, the text begins with {dated[0].isoformat()}"
        )
    if last_known not in named and len(dated) > 1:
        faults.append(
            f"the last view was on {last_known.isoformat()}, the text ends with {dated[-1].isoformat()}"
        )
    yield Verdict(
        id="claim.window",
        about=about,
        verdict=FAILS if faults else HOLDS,
        because="; ".join(faults) or "the ledger's first and last view are named",
        language=reader.language.code,
        spots=places,
    )


def _days_of_views(reader: Reader) -> Iterator[Day]:
    """Single days beside words of it happening, and not beside words of learning, telling or doing something about it."""
    finder = Finder(reader.language.reading)
    words = reader.language.reading.dates
    when = reader.parts.get("when")
    others = [phrase for way in (when.ways if when is not None else ()) for phrase in way.unless]
    for passage in dict.fromkeys(day.passage for day in reader.single_days):
        happened = finder.first(words.happened, passage.folded) is not None
        other = finder.first((*words.aware, *others), passage.folded) is not None
        if happened and not other:
            yield from (day for day in reader.single_days if day.passage == passage)


def says_when(reader: Reader, expected: Expected, ledger: Ledger) -> Passage | None:
    """Where a text says when it happened: a span, a day beside words of it, or a day on which there were views, but for one on which
    the organisation became aware."""
    if reader.spans:
        return reader.spans[0].first.passage
    if (day := next(_days_of_views(reader), None)) is not None:
        return day.passage
    if ledger.first_day is not None and ledger.last_day is not None:
        for day in reader.single_days:
            dated = day.dated(ledger.first_day, ledger.last_day)
            if dated is not None and ledger.first_day <= dated <= ledger.last_day:
                return day.passage
    day = next(_days_inside(reader, expected, ledger), None)
    return None if day is None else day.passage


def _days_inside(reader: Reader, expected: Expected, ledger: Ledger) -> Iterator[Day]:
    """Days on which there were views, in whatever words they stand; none on which the organisation may have become aware."""
    first, last = ledger.first_day, ledger.last_day
    if first is None or last is None:
        return
    for day in reader.days_in():
        dated = day.dated(first, last)
        if (
            dated is not None
            and first <= dated <= last
            and not any(each.version is None and each.first <= dated <= each.last for each in expected.aware)
        ):
            yield day


def days_of_awareness(reader: Reader) -> Iterator[Day]:
    """Of each passage that speaks of becoming aware and names days, the day that stands nearest to those words."""
    finder = Finder(reader.language.reading)
    part = reader.parts.get("awareness")
    others = [phrase for way in (part.ways if part is not None else ()) for phrase in way.unless]
    for passage in reader.passages:
        match = finder.first(reader.language.reading.dates.aware, passage.folded)
        if finder.first(others, passage.folded) is not None:
            continue  # somebody else came to know, such as the people who were told
        days = reader.days_in([passage]) if match is not None else ()
        if match is not None and days:
            at = match.start()
            yield min(((abs(day.at - at), day.at, day) for day in days), key=itemgetter(0, 1))[2]


def _aware(reader: Reader, expected: Expected) -> Iterator[Verdict]:
    for near in days_of_awareness(reader) if expected.aware else ():
        fitting = [each for each in expected.aware if _within(near, each)]
        names = "; ".join(
            f"{_span(each)}, says {each.said_by}" for each in expected.aware if each.version is None
        )
        yield Verdict(
            id="claim.aware",
            about=f"became aware on {near.as_json()['day']}",
            verdict=HOLDS if fitting else CANNOT_TELL,
            because=(
                f"as {', '.join(dict.fromkeys(each.said_by for each in fitting))} says"
                if fitting
                else "no time of the case is that day"
            )
            + (f" (claimed times: {names})" if names else ""),
            language=reader.language.code,
            spots=(spot(near.passage),),
        )


def _within(day: Day, aware: Aware) -> bool:
    dated = day.dated(aware.first)
    return dated is not None and aware.first <= dated <= aware.last


def _span(aware: Aware) -> str:
    one: date = aware.first
    return one.isoformat() if one == aware.last else f"{one.isoformat()} to {aware.last.isoformat()}"
