"""A letter to a party of the register of contracts: what happened, and how many people of its own are concerned, out of the same scope."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from whosaw.core.contracts import ContractAnswer
from whosaw.core.draft import Block, Draft, Missing, Section
from whosaw.core.duties import DutyAnswer
from whosaw.core.law_items import cited
from whosaw.core.truth import Truth
from whosaw.law.contracts import ContractInCase

from .case_material import Asked, Bounds, Material, Version
from .filing_words import FilingWords
from .said_parts import PARTS, organisation
from .telling import Filled, Telling, joined

__all__ = ["OWN_ALONE", "Addressee", "draft_letter", "own_version"]

OWN_ALONE: Final = ("customer", "controller", "card-brand", "other")
"""Kinds of parties that are told of nobody but the people on their own pages; any other kind may be told of the whole scope."""
_NOT_FIT: Final = re.compile(r"[^\w]+")
_SECTIONS: Final = (
    ("nature", ("circumstances", "times")),
    ("number", ("people", "views")),
    ("data", ("categories",)),
    ("cause", ("cause",)),
    ("consequences", ("consequences",)),
    ("measures", ("measures",)),
    ("awareness", ("awareness",)),
    ("contact", ("contact",)),
)
_OF_SCOPE: Final = ("number", "data")  # what only the pages of the party tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A party with what the case says of it, and the duties of law that a letter to it answers besides."""

    entry: ContractInCase
    answer: ContractAnswer
    laws: tuple[DutyAnswer, ...]

    @property
    def only_own(self) -> bool:
        """Whether it must hear of nobody but its own people."""
        return bool(self.entry.routes) or self.answer.contract.kind in OWN_ALONE


def own_version(version: Version, document: Mapping[str, Any], addressee: Addressee) -> Version | None:
    """The scope version as far as it is the party's: counts of its pages, and the kinds of data they showed. None where the case does not
    say which pages are its own, and it must hear of no others."""
    if not addressee.only_own:
        return replace(version, here=version.persons, places=())
    routes = addressee.entry.routes
    if not routes:
        return None
    rows = _rows_of(document, routes)
    held = [row for row in _list(document.get("categories_held")) if set(row.get("routes") or ()) & {*routes}]
    persons = _bounds("persons", rows, version.persons)
    return replace(
        version,
        persons=persons,
        accounts=_bounds("accounts", rows, version.accounts),
        views=None if version.views is None else _bounds("views", rows, version.views),
        here=persons,
        places=(),
        categories={
            key: version.categories[key]
            for row in held
            if (key := str(row.get("category"))) in version.categories
        },
        persons_by_category={},
    )


def _rows_of(document: Mapping[str, Any], routes: tuple[str, ...]) -> list[Mapping[str, Any]]:
    return [row for row in _rows(document.get("by"), "route") if row.get("name") in routes]


def _rows(by: Any, name: str) -> list[Mapping[str, Any]]:
    return _list(by.get(name)) if isinstance(by, Mapping) else []


def _list(rows: Any) -> list[Mapping[str, Any]]:
    return [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, list) else []


def _bounds(unit: str, rows: Sequence[Mapping[str, Any]], whole: Bounds) -> Bounds:
    """One may have been seen on all of these pages, or each on one alone; views are of one page each. None of it is more than the whole."""
    counts = [row[unit] for row in rows if isinstance(row.get(unit), Mapping)]
    lows = [int(each["lower"]) for each in counts]
    tops = [each["upper"] for each in counts]
    low = sum(lows) if unit == "views" else max(lows, default=0)
    high = None if None in tops else sum(int(top) for top in tops)
    if whole.upper is not None:
        high = whole.upper if high is None else min(high, whole.upper)
    reasons = [str(each.get("code")) for count in counts for each in _list(count.get("reasons"))]
    return Bounds(unit=unit, lower=low, upper=high, reasons=tuple(dict.fromkeys(reasons)))


def draft_letter(
    addressee: Addressee,
    material: Material,
    words: FilingWords,
    *,
    document: Mapping[str, Any] | None,
    notes: tuple[str, ...],
    at: datetime,
) -> Draft:
    """The letter as of `at`. It names no other party, and no count but the party's own where that is all it may hear of."""
    newest = material.versions[-1] if material.versions else None
    own = None if newest is None or document is None else own_version(newest, document, addressee)
    telling = Telling(material=material, asked=_asked(addressee, notes), words=words, now=own)
    name = material.account.name(material.organisation, words.language.code)
    party = addressee.answer.contract.party
    return Draft(
        id=_id(material.case, party, words.language.code),
        kind="filing",
        language=words.language.code,
        title=words.heading("letter"),
        organisation=name,
        recipient=", ".join(
            each
            for each in (
                material.account.name(party, words.language.code),
                addressee.answer.contract.address,
            )
            if each
        ),
        case=material.case,
        scope_version=newest.number if newest else None,
        duties=tuple(each.duty.origin.id for each in addressee.laws),
        opening=_opening(telling, addressee, at),
        sections=_sections(telling, addressee, newest, document),
        closing=_closing(telling, name, at),
        notes=notes,
    )


def _id(case: str, party: str, language: str) -> str:
    return "-".join(_NOT_FIT.sub("-", each).strip("-") for each in (case, "letter", party, language))


def _asked(addressee: Addressee, notes: tuple[str, ...]) -> Asked:
    contract = addressee.answer.contract
    return Asked(
        id=contract.party, of="", jurisdiction="", place="", members=(), title=contract.incident, statute="",
        article="", confidence="", contents=(), told_people=(), late_needs_reasons=False,
        owed="owed" if addressee.answer.counts.truth is Truth.YES else "cannot tell",
        runs=addressee.answer.runs, filed=(), notes=notes,
    )  # fmt: skip


def _opening(telling: Telling, addressee: Addressee, at: datetime) -> tuple[Block, ...]:
    words, material, contract = telling.words, telling.material, addressee.answer.contract
    rows = [telling.row(words.label("agreement"), contract.source, "register of contracts: source")]
    rows += [
        telling.row(
            words.label("law"),
            words.citation(each.duty.origin.id, cited(each.duty.origin.statute, each.duty.origin.article)),
            f"law item {each.duty.origin.id} ({each.duty.origin.confidence})",
        )
        for each in addressee.laws
    ]
    rows += [
        telling.row(words.label("date"), words.day(at, material.zone)),
        telling.row(words.label("case"), material.case, "case file: case"),
        telling.row(words.label("zone"), words.say("zone", zone=material.zone_name), "case file: zone"),
    ]
    return tuple(rows)


def _behind(
    telling: Telling, addressee: Addressee, newest: Version | None, document: Mapping[str, Any] | None
) -> tuple[Block, ...]:
    """A row with the people of each for whom the addressee stands between, so that it can tell them of their own."""
    if newest is None or document is None:
        return ()
    words, account = telling.words, telling.material.account
    rows = []
    for party, routes in addressee.entry.behind:
        label = words.label("behind", name=account.name(party, words.language.code))
        own = _rows_of(document, routes)
        counted = (
            words.count_and_reasons(_bounds("persons", own, newest.persons))
            if routes
            else words.say("behind-unknown")
        )
        rows.append(
            telling.row(
                label, counted, f"{newest.source}: by page" if routes else "register of contracts: routes"
            )
        )
    return tuple(rows)


def _sections(
    telling: Telling, addressee: Addressee, newest: Version | None, document: Mapping[str, Any] | None
) -> tuple[Section, ...]:
    sections = [
        Section(key="", heading=telling.words.heading("organisation"), blocks=organisation(telling).blocks)
    ]
    for heading, parts in _SECTIONS:
        if heading in _OF_SCOPE and telling.now is None and newest is not None:
            found = Filled(missing=(_pages(telling, addressee),))
        elif (
            heading == "data"
            and telling.now is not None
            and not telling.now.categories
            and addressee.only_own
        ):
            where = (
                "a scope version that says which kinds of data these pages showed (categories_held, routes)"
            )
            found = Filled(missing=(telling.missing("categories", where),))
        else:
            found = joined([PARTS[part](telling) for part in parts])
        if heading == "number" and telling.now is not None and addressee.entry.routes:
            lead = Block(kind="text", text=telling.words.say("letter-own"))
            behind = _behind(telling, addressee, newest, document)
            people, *more = found.blocks
            found = Filled(blocks=(lead, people, *behind, *more), missing=found.missing)
        sections.append(
            Section(
                key="",
                heading=telling.words.heading(heading),
                blocks=found.blocks,
                missing=found.missing,
            )
        )
    return tuple(sections)


def _pages(telling: Telling, addressee: Addressee) -> Missing:
    party = addressee.answer.contract.party
    where = f'{telling.material.file}: [[contract]] party = "{party}", routes = [...]'
    return telling.missing("party-pages", where)


def _closing(telling: Telling, name: str, at: datetime) -> tuple[Block, ...]:
    now, words = telling.now, telling.words
    blocks = []
    if now is not None and not now.final:
        blocks.append(Block(kind="text", text=words.say("not-final"), sources=(f"{now.source}: not final",)))
    day = words.day(at, telling.material.zone)
    blocks += [Block(kind="text", text=line) for line in (day, name)]
    return tuple(blocks)
