"""Holds what was counted again from the logs against what was sealed, number by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .sealed import SealedContent, SealedFinding

__all__ = [
    "Compared",
    "Comparison",
    "Differing",
    "Pair",
    "Untold",
    "compare_findings",
    "compare_inputs",
    "compare_numbers",
    "pair_contents",
]

Pair = tuple[SealedContent | None, SealedContent | None]  # sealed, and found now
_OF_CONTENT = (
    "digest",
    "size",
    "lines",
    "events",
    "rejects",
    "comments",
    "continued",
    "duplicates",
    "views",
    "first",
    "last",
    "format",
    "configuration",
)
_OF_BYTES = ("digest", "size")  # which no item can change
_NAMED_BY = ("name", "unit", "category", "categories", "number", "link", "code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A value that is another one now."""

    what: str
    sealed: object
    found: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """What cannot be told."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How many numbers are equal, which differ, and what cannot be told."""

    answer: str
    equal: int
    differs: tuple[Differing, ...]
    cannot_tell: tuple[Untold, ...]


@dataclass(slots=True)
class Comparison:
    """Collects what is compared.

    `excuse`: why a number may be another one although nothing is wrong; then one that is another cannot be told.
    """

    equal: int = 0
    differs: list[Differing] = field(default_factory=list)
    cannot_tell: list[Untold] = field(default_factory=list)
    excuse: str | None = None

    def hold(self, what: str, sealed: object, found: object) -> None:
        """Count one number as equal, or note both values."""
        if sealed == found:
            self.equal += 1
        else:
            self.differ(what, sealed, found)

    def differ(self, what: str, sealed: object, found: object, *, anyhow: bool = False) -> None:
        """Note two values; `anyhow` where there is no excuse for them."""
        if self.excuse is None or anyhow:
            self.differs.append(Differing(what=what, sealed=sealed, found=found))
        else:
            self.unknown(what, f"sealed {_shown(sealed)}, found {_shown(found)}; {self.excuse}")

    def unknown(self, what: str, why: str) -> None:
        """Note what cannot be told."""
        self.cannot_tell.append(Untold(what=what, why=why))

    @property
    def answer(self) -> str:
        """`differs` where anything does, else `cannot tell` where anything cannot be told, else `equal`."""
        return "differs" if self.differs else "cannot tell" if self.cannot_tell or not self.equal else "equal"

    def done(self) -> Compared:
        """What came out."""
        return Compared(
            answer=self.answer,
            equal=self.equal,
            differs=tuple(self.differs),
            cannot_tell=tuple(self.cannot_tell),
        )


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def pair_contents(sealed: Sequence[SealedContent], found: Sequence[SealedContent]) -> list[Pair]:
    """Sealed contents with those found now: by digest, and else by the longest common end of their names."""
    left, pairs = list(found), list[Pair]()
    matched: dict[int, SealedContent] = {}
    for at, one in enumerate(sealed):
        same = [each for each in left if each.digest == one.digest]
        if same:
            matched[at] = max(same, key=lambda each: _common_end(one.name, each.name))
            left.remove(matched[at])
    open_ = [at for at in range(len(sealed)) if at not in matched]
    ranked = sorted(
        (
            (-_common_end(sealed[at].name, each.name), at, number)
            for at in open_
            for number, each in enumerate(left)
        ),
    )
    taken: set[int] = set()
    for score, at, number in ranked:
        if score < 0 and at not in matched and number not in taken:
            matched[at] = left[number]
            taken.add(number)
    pairs.extend((one, matched.get(at)) for at, one in enumerate(sealed))
    pairs.extend((None, each) for number, each in enumerate(left) if number not in taken)
    return pairs


def _common_end(one: str, other: str) -> int:
    """How many of the last parts of two paths are the same."""
    same = 0
    for a, b in zip(reversed(PurePosixPath(one).parts), reversed(PurePosixPath(other).parts), strict=False):
        if a != b:
            break
        same += 1
    return same


def compare_inputs(into: Comparison, pairs: Iterable[Pair]) -> None:
    """Each content: the same, another (and what of it is another), missing, or one that was not sealed."""
    for sealed, found in pairs:
        if sealed is None and found is not None:
            into.differ(f"file {found.name}", None, found.digest, anyhow=True)
        elif sealed is not None and found is None:
            into.differ(f"file {sealed.name}", sealed.digest, None, anyhow=True)
        elif sealed is not None and found is not None:
            for name in _OF_CONTENT:
                what, before, now = f"file {sealed.name}: {name}", getattr(sealed, name), getattr(found, name)
                if before != now and name in _OF_BYTES:
                    into.differ(what, before, now, anyhow=True)
                else:
                    into.hold(what, before, now)


def compare_numbers(into: Comparison, what: str, sealed: object, found: object) -> None:
    """Every value of two JSON documents by its place."""
    left, right = dict(_flat(sealed, "")), dict(_flat(found, ""))
    for place in sorted(left.keys() | right.keys()):
        into.hold(f"{what}{place}", left.get(place), right.get(place))


def _flat(value: object, place: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, f"{place}/{key}")
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        met: dict[str, int] = {}
        for each in value:
            name = _name_of(each)
            met[name] = met.get(name, 0) + 1
            yield from _flat(each, f"{place}/{name}" + (f"#{met[name]}" if met[name] > 1 else ""))
    else:
        yield place, value


def _name_of(row: Mapping[object, object]) -> str:
    """What a row of a list is called, so that rows are held against their like and not against their neighbours."""
    for key in _NAMED_BY:
        if key in row:
            value = row[key]
            return (
                "+".join(str(each) for each in value)
                if isinstance(value, list)
                else str(value).replace("/", "|")
            )
    return "row"


def compare_findings(
    into: Comparison,
    sealed: Sequence[SealedFinding],
    found: Sequence[SealedFinding],
    places: tuple[Mapping[str, set[object]], Mapping[str, set[object]]],
) -> None:
    """Findings by detector and by the lines that they share; their ids change with the vault key and are not compared.

    `places` gives for the id of each finding, sealed and found, the lines it shows in terms that both sides share.
    """
    left = list(found)
    for one in sealed:
        same = [each for each in left if each.detector == one.detector]
        same.sort(
            key=lambda each: (
                -len(places[0][one.id] & places[1][each.id]),
                each.first_view != one.first_view,
                each.last_view != one.last_view,
            )
        )
        name = f"finding {one.id} ({one.detector})"
        if not same:
            into.differ(name, "found", None)
            continue
        left.remove(same[0])
        for key, value in one.compared.items():
            compare_numbers(into, f"{name}: {key}", value, same[0].compared[key])
    for each in left:
        into.differ(f"a finding of {each.detector}", None, "found")
