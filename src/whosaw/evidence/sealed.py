"""What the parts of a bundle say, as values: made from a workspace before it is sealed, and read again out of one that was verified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whosaw.core.custody import Entry
from whosaw.core.document import Json, JsonObject, document, told_as

from .verify import JOURNAL, MANIFEST

__all__ = [
    "COUNTED",
    "Configuration",
    "FollowedClue",
    "Inputs",
    "ItemDigest",
    "LedgerTotals",
    "RouteTotals",
    "SealedCase",
    "SealedClue",
    "SealedContent",
    "SealedCount",
    "SealedFinding",
    "SealedLine",
    "SealedSegment",
    "SealedVersion",
    "VersionClues",
    "Withheld",
    "finding_from_json",
    "read_case",
    "version_from_json",
]

COUNTED = ("lines", "events", "rejects", "comments", "continued", "duplicates", "views")
_COMPARED = ("counts", "persons_before", "first_view", "last_view", "raised_at", "categories")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The place in the chain of an entry of the journal whose words are not given out."""

    seq: int
    previous: str
    hash: str
    withheld: str  # why


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSegment:
    """A piece of a content: `size` is where it ends there, `digest` that of the content up to it."""

    digest: str
    size: int = field(metadata=told_as("bytes"))
    first_line: int
    lines: int
    events: int
    rejects: int
    comments: int
    continued: int
    duplicates: int
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedContent:
    """A content that was read; `configuration` is a digest, instants are texts."""

    content: int
    name: str
    source: str
    size: int
    digest: str
    modified: str | None
    format: str
    forced: bool
    zone: str | None
    configuration: str
    complete: bool
    fault: str | None
    first: str | None
    last: str | None
    lines: int
    events: int
    rejects: int
    comments: int
    continued: int
    duplicates: int
    views: int
    segments: tuple[SealedSegment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Every content that was read; and the coverage of every source, as `whosaw coverage` tells it."""

    contents: tuple[SealedContent, ...]
    sources: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDigest:
    """A shipped item that decides counts, by its name under `data`."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Program (its versions by name), map, context, rules and items that were in force, each by its digest. `context` and `sigma` of a
    bundle may be told as another release knew them, so they are compared as JSON."""

    program: Mapping[str, Json]
    map: str | None
    context: Json
    sigma: Json
    items: tuple[ItemDigest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTotals:
    """What the ledger holds of one route, and when it was seen first and last."""

    name: str
    views: int
    persons: int
    clients: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTotals:
    """How much the ledger holds: lines of the inputs; views, clients and people altogether and by route."""

    totals: Mapping[str, int]
    views: int
    persons: int
    clients: int
    routes: tuple[RouteTotals, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFinding:
    """A finding as far as it is compared or handed on. `compared` holds its values by name, as they stand in its document."""

    id: str
    detector: str
    technique: str | None
    first_view: str | None
    last_view: str | None
    locators: tuple[str, ...]
    compared: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedClue:
    """A clue of a version; `stored` is all that the version says of it."""

    kind: str
    value: str
    stored: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLine:
    """A line that a clue leads to: the number of its content among the inputs, its number there, its time and its route."""

    content: int
    line: int
    time: str
    route: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedClue:
    """A clue with lines that it leads to."""

    clue: SealedClue
    lines: tuple[SealedLine, ...]

    def as_json(self) -> JsonObject:
        return {**self.clue.stored, "lines": document(self.lines)}


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionClues:
    """The clues of one version of the case, followed."""

    version: int
    clues: tuple[FollowedClue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCount:
    """A count of a version with its bounds; None: there is no upper one."""

    unit: str
    lower: int
    upper: int | None
    reasons: tuple[str, ...]  # their codes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedVersion:
    """A version of the scope, as far as it is handed on. `answers` says of each category that is held whether the actor saw it;
    `document` is all of the version, canonical."""

    number: int
    made: str
    clues: tuple[SealedClue, ...]
    counts: tuple[SealedCount, ...]
    answers: tuple[tuple[str, str], ...]
    first_view: str | None
    last_view: str | None
    clients: int
    document: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCase:
    """A bundle, read. `tool` is the version of the program that sealed it; `parts` are its bytes by name; `ledger` is compared as JSON."""

    case: str
    sealed: str
    tool: str
    configuration: Configuration
    inputs: Inputs
    ledger: Json
    findings: tuple[SealedFinding, ...]
    clues: tuple[VersionClues, ...]
    versions: tuple[SealedVersion, ...]
    journal: tuple[Entry | Withheld, ...]
    parts: Mapping[str, bytes]


def read_case(parts: Mapping[str, bytes]) -> SealedCase:
    """The parts of a bundle that was verified before, read."""
    manifest = json.loads(parts[MANIFEST])
    read = {name: json.loads(data) for name, data in parts.items() if name.endswith(".json")}
    numbers = range(1, int(manifest["versions"]) + 1)
    return SealedCase(
        case=manifest["case"],
        sealed=manifest["sealed"],
        tool=manifest["tool"]["version"],
        configuration=_configuration(read["configuration.json"]),
        inputs=_inputs(read["inputs.json"]),
        ledger=read["ledger.json"],
        findings=tuple(finding_from_json(each) for each in read["findings.json"]),
        clues=tuple(_version_clues(each) for each in read["clues.json"]),
        versions=tuple(version_from_json(read[f"scope/{number:04d}.json"]) for number in numbers),
        journal=tuple(_entry(json.loads(line)) for line in parts[JOURNAL].splitlines()),
        parts=parts,
    )


def finding_from_json(told: Any) -> SealedFinding:
    """A finding out of its document."""
    return SealedFinding(
        id=told["id"],
        detector=told["detector"],
        technique=told.get("technique"),
        first_view=told.get("first_view"),
        last_view=told.get("last_view"),
        locators=tuple(told.get("locators", ())),
        compared={name: told.get(name) for name in _COMPARED},
    )


def version_from_json(told: Any) -> SealedVersion:
    """A version out of its document."""
    window = told.get("window") or {}
    return SealedVersion(
        number=int(told["version"]),
        made=told["made"],
        clues=tuple(_clue(each) for each in told["clues"]),
        counts=tuple(
            SealedCount(
                unit=each["unit"],
                lower=each["lower"],
                upper=each["upper"],
                reasons=tuple(reason["code"] for reason in each["reasons"]),
            )
            for each in told["counts"]
        ),
        answers=tuple((each["category"], each["answer"]) for each in told.get("categories_held", ())),
        first_view=window.get("first_view"),
        last_view=window.get("last_view"),
        clients=told["actor"]["clients"],
        document=told,
    )


def _configuration(told: Any) -> Configuration:
    return Configuration(
        program=told["program"],
        map=told["map"],
        context=told["context"],
        sigma=told["sigma"],
        items=tuple(ItemDigest(name=each["name"], sha256=each["sha256"]) for each in told["items"]),
    )


def _inputs(told: Any) -> Inputs:
    return Inputs(contents=tuple(_content(each) for each in told["contents"]), sources=told["sources"])


def _content(told: Any) -> SealedContent:
    own = {name: told[name] for name in SealedContent.__slots__ if name != "segments"}
    return SealedContent(**own, segments=tuple(_segment(each) for each in told["segments"]))


def _segment(told: Any) -> SealedSegment:
    counted = {name: told[name] for name in COUNTED}
    return SealedSegment(digest=told["digest"], size=told["bytes"], first_line=told["first_line"], **counted)


def _version_clues(told: Any) -> VersionClues:
    return VersionClues(version=told["version"], clues=tuple(_followed(each) for each in told["clues"]))


def _followed(told: Any) -> FollowedClue:
    lines = tuple(SealedLine(**{name: each[name] for name in SealedLine.__slots__}) for each in told["lines"])
    return FollowedClue(
        clue=_clue({name: value for name, value in told.items() if name != "lines"}), lines=lines
    )


def _clue(told: Any) -> SealedClue:
    return SealedClue(kind=told["kind"], value=told["value"], stored=told)


def _entry(told: Any) -> Entry | Withheld:
    made = Withheld if "withheld" in told else Entry
    return made(**{name: told[name] for name in made.__slots__})
