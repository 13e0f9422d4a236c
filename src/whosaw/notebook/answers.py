"""Answers as values: counts with bounds, rows, and the document behind them. No `repr` shows an identifier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from whosaw.app.asking.answers import SeenOf, ShownClient, WhatSeen, WhoSaw
from whosaw.app.asking.explain import Explained
from whosaw.core.counts import Count, count_of
from whosaw.core.errors import WhosawError

from .rows import ACTOR, COUNTED, INSTANT, Rows, counted_columns, instant

__all__ = ["Scope", "What", "Who", "coverage_rows", "finding_rows", "view_rows"]

_TEXT, _NUMBER, _TEXTS = pa.string(), pa.int64(), pa.list_(pa.string())
_PERSONS = [("person", _TEXT), ("shown", _TEXT)]
_SOURCE = (
    "lines",
    "events",
    "rejects",
    "comments",
    "continued",
    "duplicates",
    "views",
    "whole",
    "partial",
    "missing",
    "quiet",
)


def _by_unit(counts: Iterable[Count]) -> dict[str, Count]:
    return {each.unit: each for each in counts}


def _of_client(client: ShownClient) -> dict[str, str]:
    return {"client": client.client, **client.traits}


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who saw a person. `exposures`: one row for each actor and category, with the first and last view and how many."""

    person: str  # its number in the ledger, such as p12
    shown: str = field(repr=False)  # masked, unless revealed
    views: Count
    exposures: Rows
    locators: tuple[str, ...]
    document: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, answer: WhoSaw, document: Mapping[str, Any]) -> Who:
        """From the answer of the ledger, and the document of `whosaw who --json`."""
        rows = (
            {
                **_of_client(each.actor),
                "category": each.category,
                "first": each.first,
                "last": each.last,
                "views": each.views,
                "possible_views": each.possible_views,
                "routes": each.routes,
                "explanation": each.explanation,
            }
            for each in answer.exposures
        )
        columns = [
            *ACTOR,
            ("category", _TEXT),
            ("first", INSTANT),
            ("last", INSTANT),
            ("views", _NUMBER),
            ("possible_views", _NUMBER),
            ("routes", _TEXTS),
            ("explanation", _TEXT),
        ]
        return cls(
            person=answer.person.number,
            shown=answer.person.shown,
            views=answer.views,
            exposures=Rows(columns, rows, document),
            locators=answer.locators,
            document=document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What an actor saw: how many views, accounts and persons; per category and per route; and the first persons."""

    views: Count
    accounts: Count
    persons: Count
    first: datetime | None
    last: datetime | None
    categories: Rows
    routes: Rows
    people: Rows  # as many as were asked for
    locators: tuple[str, ...]
    document: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, answer: WhatSeen, document: Mapping[str, Any]) -> What:
        """From the answer of the ledger, and the document of `whosaw what --json`."""
        people = ({"person": each.number, "shown": each.shown} for each in answer.persons)
        return cls(
            **_by_unit(answer.counts),
            first=answer.first,
            last=answer.last,
            categories=_seen("category", answer.categories, document),
            routes=_seen("route", answer.routes, document),
            people=Rows(_PERSONS, people, document),
            locators=answer.locators,
            document=document,
        )


def _seen(name: str, seen: Iterable[SeenOf], document: Mapping[str, Any]) -> Rows:
    columns = [
        (name, _TEXT),
        ("persons", _NUMBER),
        ("views", _NUMBER),
        ("views_of_unknown_persons", _NUMBER),
        ("first", INSTANT),
        ("last", INSTANT),
    ]
    rows = (
        {
            name: each.name,
            "persons": each.persons,
            "views": each.views,
            "views_of_unknown_persons": each.views_of_unknown_persons,
            "first": each.first,
            "last": each.last,
        }
        for each in seen
    )
    return Rows(columns, rows, document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A version of a case: what one party saw, with bounds, and what is open."""

    case: str
    version: int
    views: Count
    accounts: Count
    persons: Count
    open: Rows  # what hinders a final number, and how much it may add
    document: Mapping[str, Any] = field(repr=False)
    _people: Callable[[bool, str], Rows] = field(repr=False, compare=False)

    @classmethod
    def of(cls, document: Mapping[str, Any], people: Callable[[bool, str], Mapping[str, Any]]) -> Scope:
        """From the document of `whosaw scope show --json`; `people` asks for the same with its persons."""
        columns = [("code", _TEXT), ("adds_upper", _NUMBER), ("what", _TEXT)]
        return cls(
            case=document["case"],
            version=document["version"],
            **_by_unit(count_of(each) for each in document["counts"]),
            open=Rows(columns, document["open"], document),
            document=document,
            _people=lambda reveal, reason: _people(people(reveal, reason)),
        )

    def by(self, name: str) -> Rows:
        """The counts per category, day, route, jurisdiction or part."""
        known = self.document["by"]
        if name not in known:
            raise WhosawError(
                "notebook.no-breakdown",
                f"a scope is not counted by {name!r}",
                hint=f"Take one of {', '.join(sorted(known))}",
            )
        columns = [(name, _TEXT), *COUNTED, ("first", INSTANT), ("last", INSTANT)]
        rows = (
            {
                name: each["name"],
                **counted_columns(
                    {unit: each[unit] for unit in ("views", "accounts", "persons") if unit in each}
                ),
                "first": instant(each.get("first")),
                "last": instant(each.get("last")),
            }
            for each in known[name]
        )
        return Rows(columns, rows, self.document)

    def people(self, *, reveal: bool = False, reason: str = "") -> Rows:
        """Its persons, and whether a view of theirs is held or only possible. With `reveal` they are shown as they are, and the
        look is journalled with its reason first."""
        return self._people(reveal, reason)


def _people(document: Mapping[str, Any]) -> Rows:
    rows = (
        {"person": each["number"], "shown": each["shown"], "held": each["held"]}
        for each in document["persons"]
    )
    return Rows([*_PERSONS, ("held", pa.bool_())], rows, document)


def finding_rows(document: Mapping[str, Any]) -> Rows:
    """One row for each finding, the one with the most persons at risk first."""
    columns = [
        ("id", _TEXT),
        ("detector", _TEXT),
        ("technique", _TEXT),
        ("confidence", _TEXT),
        ("first_view", INSTANT),
        ("last_view", INSTANT),
        ("raised_at", INSTANT),
        ("persons_before", _NUMBER),
        *COUNTED,
        ("categories", _TEXTS),
        ("locators", _TEXTS),
        ("sentence", _TEXT),
    ]
    rows = (
        {
            **each,
            **{name: instant(each[name]) for name in ("first_view", "last_view", "raised_at")},
            **counted_columns({count["unit"]: count for count in each["counts"]}),
            "confidence": each["confidence"]["level"],
            "categories": [part["category"] for part in each["categories"]],
        }
        for each in document["findings"]
    )
    return Rows(columns, rows, document)


def view_rows(answer: Explained, document: Mapping[str, Any]) -> Rows:
    """One row for each view of a finding's lines or of a line, with what the explanations say of it together."""
    columns = [
        ("locator", _TEXT),
        ("time", INSTANT),
        ("person", _TEXT),
        ("shown", _TEXT),
        *ACTOR,
        ("route", _TEXT),
        ("answer", _TEXT),
    ]
    rows = (
        {
            **_of_client(each.actor),
            "locator": each.locator,
            "time": each.time,
            "person": each.person and each.person.number,
            "shown": each.person and each.person.shown,
            "route": each.route,
            "answer": each.answer,
        }
        for each in answer.views
    )
    return Rows(columns, rows, document)


def coverage_rows(document: Mapping[str, Any], *, hours: bool) -> Rows:
    """One row for each source, or for each hour of each."""
    sources = document["sources"]
    if not hours:
        columns = [("source", _TEXT), *((name, _NUMBER) for name in _SOURCE), ("notes", _TEXTS)]
        return Rows(columns, sources, document)
    columns = [
        ("source", _TEXT),
        ("hour", INSTANT),
        ("state", _TEXT),
        ("rule", _TEXT),
        ("events", _NUMBER),
        ("rejects", _NUMBER),
        ("duplicates", _NUMBER),
    ]
    rows = (
        {**hour, "source": each["source"], "hour": instant(hour["hour"])}
        for each in sources
        for hour in each["hours"]
    )
    return Rows(columns, rows, document)
