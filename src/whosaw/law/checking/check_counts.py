"""Numbers of people and accounts in a text, held against the bounds of the scope versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from .expected import Bounds, Expected, Ledger
from .numbers import Figure
from .phrases import Finder
from .reader import Reader
from .text import Passage
from .verdict import CANNOT_TELL, FAILS, HOLDS, Verdict, spot

__all__ = ["belongs_to", "check_counts", "inside", "reaches"]

_UNITS = ("persons", "accounts", "views")


def check_counts(reader: Reader, expected: Expected) -> Iterator[Verdict]:
    """One verdict for each number. The largest of a unit speaks of all; smaller ones may be those of a part or of an earlier version."""
    ledger = expected.ledger
    if ledger is None:
        return
    for unit in _UNITS:
        figures = [each for each in reader.figures if each.unit == unit]
        if not figures:
            continue
        largest = max(figures, key=lambda each: (each.high, each.low))
        for figure in dict.fromkeys(figures):
            whole = not expected.group and (figure is largest or figure.kind in ("only", "at most"))
            verdict, because = _answer(figure, expected, ledger, whole=whole)
            yield Verdict(
                id=f"count.{unit}",
                about=f"{figure.written} ({figure.kind})" if figure.kind != "is" else figure.written,
                verdict=verdict,
                because=because,
                language=reader.language.code,
                spots=(spot(figure.passage),),
            )
        yield from _later(reader, expected, ledger, largest)
    yield from _understated(reader, expected, ledger)


def _understated(reader: Reader, expected: Expected, ledger: Ledger) -> Iterator[Verdict]:
    """In a notice to one group: does it say that fewer people are affected than the group holds?"""
    if expected.people is None:
        return
    low = expected.people[0] or expected.people[1] or 0
    finder = Finder(reader.language.reading)
    # one person alone is the one who did it, or who found it
    people = [each for each in reader.figures if each.unit in ("persons", "accounts") and each.high > 1]
    # who is told of so many others is one more
    if not people or any(each.high + 1 >= low or reaches(each, expected.people) for each in people):
        return
    if any(_summed(people, each.passage) >= low for each in people):
        return
    for figure in sorted(people, key=lambda each: not each.total):
        words, text = reader.language.reading.numbers, figure.passage.folded
        of_others = finder.first(words.others, text) and not finder.first(words.included, text)
        if not of_others and not belongs_to(figure, expected.versions):
            yield Verdict(
                id="count.understated",
                about=f"{figure.written} affected",
                verdict=FAILS,
                because=f"scope version {ledger.version} holds {_shown(expected.people)} people of this group: more than the text says",
                language=reader.language.code,
                spots=(spot(figure.passage),),
            )
            return


def _summed(figures: Sequence[Figure], passage: Passage) -> int:
    """What the numbers of one passage come to: the sum that it states, or else that of all."""
    here = [each for each in figures if each.passage == passage]
    totals = [each.high for each in here if each.total]
    return max(totals) if totals else sum(each.high for each in here)


def _answer(figure: Figure, expected: Expected, ledger: Ledger, *, whole: bool) -> tuple[str, str]:
    bounds = ledger.counts.get(figure.unit)
    if bounds is None or bounds == (0, None):
        return CANNOT_TELL, f"scope version {ledger.version} does not count {figure.unit}"
    said = f"scope version {ledger.version} holds {_shown(bounds)} {figure.unit}"
    if inside(figure, bounds) and not (figure.kind in ("only", "at most") and _may_be_more(figure, bounds)):
        return HOLDS, said
    if inside(figure, bounds):
        return CANNOT_TELL, f"{said}; that there were no more cannot be told"
    for name, unit, here in expected.area:
        if unit == figure.unit and inside(figure, here) and here != (0, None):
            return HOLDS, f"scope version {ledger.version} holds {_shown(here)} {unit} of {name}"
    owners = belongs_to(figure, expected.versions)
    if not whole and owners:
        return HOLDS, f"this is {owners[0]}"
    if not whole:
        return CANNOT_TELL, f"{said}, and the number is that of no version and no part; say what it counts"
    if bounds[1] is not None and figure.low > bounds[1]:
        return FAILS, f"{said}: fewer than the text says" + _mixed(figure, expected)
    because = f"{said}: more than the text says" + _mixed(figure, expected)
    if owners:
        because += f"; the number is {owners[0]}"
    return FAILS, because


def _mixed(figure: Figure, expected: Expected) -> str:
    """Whether the number is that of another unit: accounts called people, or views called either."""
    for ledger in reversed(expected.versions):
        for unit, bounds in ledger.counts.items():
            if unit != figure.unit and reaches(figure, bounds) and bounds != ledger.counts.get(figure.unit):
                return f"; {figure.written} is the number of {unit} in version {ledger.version}, not of {figure.unit}"
    return ""


def _may_be_more(figure: Figure, bounds: Bounds) -> bool:
    return bounds[1] is None or figure.high < bounds[1]


def inside(figure: Figure, bounds: Bounds) -> bool:
    """Whether the number, as it is rounded, can lie within bounds."""
    return figure.high >= bounds[0] and (bounds[1] is None or figure.low <= bounds[1])


def reaches(figure: Figure, bounds: Bounds) -> bool:
    """Whether the number, as it is rounded, is one of the bounds themselves, or between close ones."""
    low, high = bounds
    if low == 0 and high is None:
        return False
    ends = [low] if high is None else [low, high]
    if any(figure.low <= each <= figure.high for each in ends if each):
        return True
    return high is not None and high <= 2 * low and low <= figure.low and figure.high <= high


def belongs_to(figure: Figure, versions: tuple[Ledger, ...]) -> list[str]:
    """Whose number it is: that of a version, of a part of one, or of what one added to the version before."""
    found: list[str] = []
    for ledger in versions:
        bounds = ledger.counts.get(figure.unit)
        if bounds is not None and reaches(figure, bounds):
            found.append(f"the count of scope version {ledger.version} ({_shown(bounds)} {figure.unit})")
    for ledger in versions:
        found += [
            f"the count of {name} in scope version {ledger.version} ({_shown(bounds)} {unit})"
            for name, unit, bounds in ledger.parts
            if unit == figure.unit and reaches(figure, bounds)
        ]
    for before, after in pairwise(versions):
        if (added := _added(before, after, figure.unit)) is not None and reaches(figure, added):
            found.append(
                f"what scope version {after.version} adds to version {before.version} ({_shown(added)} {figure.unit})"
            )
    return found


def _added(before: Ledger, after: Ledger, unit: str) -> Bounds | None:
    old, new = before.counts.get(unit), after.counts.get(unit)
    if old is None or new is None:
        return None
    low = 0 if old[1] is None else max(0, new[0] - old[1])
    return low, None if new[1] is None else max(low, new[1] - old[0])


def _later(reader: Reader, expected: Expected, ledger: Ledger, largest: Figure) -> Iterator[Verdict]:
    """Are people missing whom later versions added to the one that the text speaks of?"""
    now = ledger.counts.get(largest.unit)
    if now is None or now == (0, None) or inside(largest, now) or largest.low > now[0] or expected.group:
        return
    if any(unit == largest.unit and inside(largest, here) for _, unit, here in expected.area):
        return
    spoken = [
        each
        for each in expected.versions[:-1]
        if (bounds := each.counts.get(largest.unit)) is not None and reaches(largest, bounds)
    ]
    if not spoken:
        return
    later = [each for each in expected.versions if each.version > spoken[-1].version]
    names = ", ".join(str(each.version) for each in later)
    yield Verdict(
        id="groups.later",
        about="everybody whom the newest scope version holds is spoken of",
        verdict=FAILS,
        because=(
            f"the text speaks of scope version {spoken[-1].version}; version{'s' if len(later) > 1 else ''} {names} "
            f"added at least {now[0] - largest.high:,} {largest.unit}"
        ),
        language=reader.language.code,
        spots=(spot(largest.passage),),
    )


def _shown(bounds: Bounds) -> str:
    low, high = bounds
    if high is None:
        return f"at least {low:,}"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
