"""Do several texts tell the same? Numbers, categories and times of awareness, pair by pair, each with the version it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import ClassVar, Final

from whosaw.core.document import told_as

from .check_claims import days_of_awareness
from .check_counts import belongs_to, inside
from .dates import Day
from .expected import Ledger
from .numbers import Figure
from .reader import Reader
from .verdict import Spot, spot

__all__ = ["DayTold", "Difference", "NumberTold", "TextTold", "Told", "against_scope", "compare", "told"]

_UNITS: Final = ("persons", "accounts", "views", "records")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one text tells, over all its languages. `unread` is why a part of it could not be read, `happened` are the ends of the
    spans that it gives."""

    name: str
    figures: tuple[Figure, ...]
    seen: dict[str, str]
    not_seen: dict[str, str]
    places: dict[str, Spot]
    aware: tuple[Day, ...]
    unread: tuple[str, ...]
    happened: tuple[Day, ...] = ()

    def largest(self, unit: str) -> Figure | None:
        """The number that speaks of all, of a unit."""
        return max(
            (each for each in self.figures if each.unit == unit),
            key=lambda each: (each.high, each.low),
            default=None,
        )

    def placed(self, versions: tuple[Ledger, ...]) -> TextTold:
        """The same with the scope versions that each number belongs to."""
        return TextTold(
            text=self.name,
            numbers=tuple(
                NumberTold(
                    figure=each,
                    place=spot(each.passage),
                    belongs_to=tuple(belongs_to(each, versions)),
                    fits_versions=tuple(fitting(each, versions)),
                )
                for each in self.figures
            ),
            seen=tuple(sorted(self.seen)),
            not_seen=tuple(sorted(self.not_seen)),
            aware=tuple(DayTold(day=each, place=spot(each.passage)) for each in self.aware),
            unread=self.unread,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTold:
    """A number with its place, whose count it is, and the scope versions within whose bounds it can lie."""

    figure: Figure = field(metadata=told_as(among=True))
    place: Spot
    belongs_to: tuple[str, ...]
    fits_versions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTold:
    """A day of awareness with its place."""

    day: Day = field(metadata=told_as(among=True))
    place: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTold:
    """What one text tells, held against the scope versions."""

    text: str
    numbers: tuple[NumberTold, ...]
    seen: tuple[str, ...]
    not_seen: tuple[str, ...]
    aware: tuple[DayTold, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that two texts tell differently (`kind` "differs"), or that only one of them tells ("only one")."""

    ALSO: ClassVar[tuple[str, ...]] = ("texts",)

    about: str
    kind: str
    first: str = field(metadata=told_as(never=True))
    second: str = field(metadata=told_as(never=True))
    sentence: str
    places: tuple[Spot | None, Spot | None]

    @property
    def texts(self) -> tuple[str, str]:
        """The names of both."""
        return self.first, self.second


def told(name: str, readers: Sequence[Reader], unread: Iterable[str] = ()) -> Told:
    """What a text tells, by its readers in each of its languages."""
    named = [each for reader in readers for each in reader.named]
    seen = {each.category: each.word for each in named if each.says == "seen"}
    not_seen = {
        each.category: each.word for each in named if each.says == "not seen" and each.category not in seen
    }
    places: dict[str, Spot] = {}
    for each in named:
        if each.says in ("seen", "not seen"):
            places.setdefault(each.category, spot(each.passage))
    return Told(
        name=name,
        figures=tuple(dict.fromkeys(each for reader in readers for each in reader.figures)),
        seen=seen,
        not_seen=not_seen,
        places=places,
        aware=tuple(day for reader in readers for day in days_of_awareness(reader)),
        unread=tuple(unread),
        happened=tuple(day for reader in readers for span in reader.spans for day in (span.first, span.last)),
    )


def against_scope(texts: Sequence[Told], versions: tuple[Ledger, ...]) -> tuple[Difference, ...]:
    """What each text tells otherwise than the standing scope version, which is the newest: its number and the first and last day."""
    if not versions:
        return ()
    standing = versions[-1]
    name = f"scope version {standing.version}"
    return tuple(
        Difference(
            about=about, kind="differs", first=text.name, second=name, sentence=sentence, places=(place, None)
        )
        for text in texts
        for about, sentence, place in (*_number_now(text, standing, versions), *_days_now(text, standing))
    )


def _number_now(
    text: Told, standing: Ledger, versions: tuple[Ledger, ...]
) -> Iterator[tuple[str, str, Spot]]:
    for unit in ("persons", "accounts"):
        figure, bounds = text.largest(unit), standing.counts.get(unit)
        if figure is not None and bounds is not None and bounds != (0, None) and not inside(figure, bounds):
            most = "" if bounds[1] is None else f" to {bounds[1]:,}"
            yield (
                f"number of {unit} in the standing scope version",
                f"{text.name} says {_said(figure, versions)}; the standing version holds {bounds[0]:,}{most}",
                spot(figure.passage),
            )


def _days_now(text: Told, standing: Ledger) -> Iterator[tuple[str, str, Spot]]:
    first, last = standing.first_day, standing.last_day
    if not text.happened or first is None or last is None:
        return
    dated = [day for each in text.happened if (day := each.dated(first)) is not None]
    if first not in dated or last not in dated:
        yield (
            "when it began and ended in the standing scope version",
            (
                f"{text.name} says {text.happened[0].shown} to {text.happened[-1].shown}; the views of the standing version lie between "
                f"{first.isoformat()} and {last.isoformat()}"
            ),
            spot(text.happened[0].passage),
        )


def fitting(figure: Figure, versions: Iterable[Ledger]) -> list[int]:
    """The scope versions within whose bounds a number can lie; one without bounds of its unit says nothing."""
    return [
        each.version
        for each in versions
        if (bounds := each.counts.get(figure.unit)) is not None
        and bounds != (0, None)
        and inside(figure, bounds)
    ]


def compare(texts: Sequence[Told], versions: tuple[Ledger, ...]) -> tuple[Difference, ...]:
    """Every difference of every pair, in the order of the texts."""
    return tuple(
        each
        for first, second in combinations(texts, 2)
        for each in (
            *_numbers(first, second, versions),
            *_categories(first, second),
            *_aware(first, second),
        )
    )


def _numbers(first: Told, second: Told, versions: tuple[Ledger, ...]) -> Iterator[Difference]:
    for unit in _UNITS:
        one, other = first.largest(unit), second.largest(unit)
        if one is not None and other is not None:
            if not _agree(one, other):
                yield Difference(
                    about=f"number of {unit}",
                    kind="differs",
                    first=first.name,
                    second=second.name,
                    sentence=f"{_said(one, versions)}, against {_said(other, versions)}",
                    places=(spot(one.passage), spot(other.passage)),
                )
        elif one is not None or other is not None:
            told_by, silent, figure = (first, second, one) if one is not None else (second, first, other)
            assert figure is not None
            place = spot(figure.passage)
            yield Difference(
                about=f"number of {unit}",
                kind="only one",
                first=first.name,
                second=second.name,
                sentence=f"{told_by.name} says {_said(figure, versions)}; {silent.name} gives no number of {unit}"
                + _other_unit(figure, silent),
                places=(place, None) if one is not None else (None, place),
            )


def _other_unit(figure: Figure, silent: Told) -> str:
    """Whether the other text has the same number under another name, such as accounts called people."""
    for each in silent.figures:
        if each.unit != figure.unit and _agree(each, figure):
            return f", and calls the same number {each.unit}"
    return ""


def _agree(one: Figure, other: Figure) -> bool:
    return one.low <= other.high and other.low <= one.high


def _said(figure: Figure, versions: tuple[Ledger, ...]) -> str:
    owners = belongs_to(figure, versions)
    kind = f" ({figure.kind})" if figure.kind != "is" else ""
    return f"{figure.written}{kind}, {owners[0] if owners else 'the count of no scope version'}"


def _categories(first: Told, second: Told) -> Iterator[Difference]:
    for key in sorted({*first.seen, *second.seen, *first.not_seen, *second.not_seen}):
        said = (_says(first, key), _says(second, key))
        if said[0] == said[1] or ("" in said and "not seen" in said):
            continue
        kind = "only one" if "" in said else "differs"
        words = [each or "says nothing" for each in said]
        yield Difference(
            about=key,
            kind=kind,
            first=first.name,
            second=second.name,
            sentence=f"{first.name}: {words[0]}; {second.name}: {words[1]}",
            places=(first.places.get(key), second.places.get(key)),
        )


def _says(text: Told, key: str) -> str:
    if key in text.seen:
        return "seen"
    parts = key.split(".")
    above = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return "not seen" if any(each in text.not_seen for each in above) else ""


def _aware(first: Told, second: Told) -> Iterator[Difference]:
    if not first.aware or not second.aware:
        return
    if any(_same_day(one, other) for one in first.aware for other in second.aware):
        return
    one, other = first.aware[0], second.aware[0]
    yield Difference(
        about="when the organisation became aware",
        kind="differs",
        first=first.name,
        second=second.name,
        sentence=f"{one.shown} against {other.shown}",
        places=(spot(one.passage), spot(other.passage)),
    )


def _same_day(one: Day, other: Day) -> bool:
    same_year = one.year == other.year or None in (one.year, other.year)
    return (one.month, one.day) == (other.month, other.day) and same_year
