"""Turns a case and an answer of law into what drafts are made from; what a scope and the words of a report add is put to it here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from whosaw.core.duties import DutyAnswer, Made
from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_instant, parse_zone
from whosaw.core.law_items import Area, Content, DutyText
from whosaw.core.ranges import Range
from whosaw.core.truth import Truth
from whosaw.core.window_ends import NOTHING
from whosaw.law.case_file import CaseFile
from whosaw.law.drafting.case_material import Asked, AskedContent, Bounds, Material, Version
from whosaw.law.drafting.filing import notice_of
from whosaw.law.drafting.preparer_notes import Note, meanwhile_notes, notes_in
from whosaw.law.facts import ScopeFacts
from whosaw.law.growth import added
from whosaw.law.items import Law

__all__ = ["added_bounds", "asked_of", "material_of"]

_PEOPLE: Final = ("individuals", "possibly-affected")


def material_of(case: CaseFile, file: str, law: Law, answers: Iterable[DutyAnswer], area: Area) -> Material:
    """The case as the law of `area` sees it; the names of places inside it are those of its members."""
    facts = case.facts
    made = {each.duty for each in facts.made}
    here = [each for each in answers if each.area.id == area.id and each.duty.audience in _PEOPLE]
    here.sort(key=lambda each: each.duty.of not in made)  # stable: what was done first, then in id order
    told = {
        duty.of
        for duty in law.duties.values()
        if duty.audience in _PEOPLE and duty.origin.jurisdiction == area.id
    }
    not_told = next((each.not_told for each in here if each.not_told is not None), None)
    return Material(
        case=case.name,
        file=file,
        organisation=case.organisation,
        zone=parse_zone(case.zone),
        zone_name=case.zone,
        account=case.account,
        events=facts.events,
        versions=tuple(
            _version(scope, document, case, area)
            for scope, document in zip(facts.scopes, case.scopes, strict=True)
        ),
        lead=facts.lead or "",
        told=tuple(each for each in facts.made if each.duty in told),
        not_told=None if not_told is None else _bounds("persons", not_told),
    )


def asked_of(
    answer: DutyAnswer,
    law: Law,
    made: Iterable[Made],
    *,
    further: Sequence[Note] = (),
    language: str = "en",
    own: Path | None = None,
    only: tuple[str, int | None, str] | None = None,
) -> Asked:
    """A duty as a draft in one language needs it. `further` are notes of the caller, which come after those of the law. `only` is the
    one clock of which the notes speak: what started it, for which scope version, and who claims it. `own` is a folder with languages."""
    duty = answer.duty
    return Asked(
        id=duty.origin.id,
        of=duty.of,
        jurisdiction=duty.origin.jurisdiction,
        place=answer.area.name,
        members=answer.area.members,
        title=duty.origin.title,
        statute=duty.origin.statute,
        article=duty.origin.article,
        confidence=duty.origin.confidence,
        contents=_contents(duty),
        told_people=tuple(
            content
            for each in duty.contents
            if (family := notice_of(each.key))
            for content in _told_people(law, family, duty, each)
        ),
        late_needs_reasons=duty.late_needs_reasons,
        owed=answer.state,
        runs=answer.clocks,
        filed=tuple(each for each in made if each.duty == duty.of),
        notes=notes_in(language, [*_notes(answer, law, only), *further], own),
        follows=set(duty.clock.starts) <= {"first-report", "second-report"} and bool(duty.clock.starts),
    )


def added_bounds(case: CaseFile, area: Area, before: int, now: int) -> Bounds:
    """How many people of an area version `now` adds to version `before`."""
    scopes = {each.version: each for each in case.facts.scopes}
    return _bounds("persons", added(case.facts, area, scopes[before], scopes[now]))


def _contents(duty: DutyText) -> tuple[AskedContent, ...]:
    return tuple(_content(each, duty) for each in duty.contents)


def _content(content: Content, duty: DutyText, *, unverified: bool = False) -> AskedContent:
    sure = "unverified" if unverified or content.unverified else duty.origin.confidence
    return AskedContent(key=content.key, text=content.text, article=content.article, confidence=sure)


def _told_people(law: Law, family: str, duty: DutyText, content: Content) -> list[AskedContent]:
    """The contents of the notice to the people, of the version that is in force on the same days as the filing's."""
    versions = [each for each in law.duties.values() if each.of == family]
    same = [each for each in versions if each.in_force.start == duty.in_force.start]
    return [
        _content(each, version, unverified=content.unverified)
        for version in (same or versions[-1:])
        for each in version.contents
    ]


def _notes(answer: DutyAnswer, law: Law, only: tuple[str, int | None, str] | None) -> Iterator[Note]:
    """For whoever completes the draft: what was decided, what hangs open, and how sure the law item is."""
    duty, origin = answer.duty, answer.duty.origin
    yield Note(key="advice")
    yield _owed_note(answer, law)
    yield from meanwhile_notes(answer)
    if answer.in_force.truth is not Truth.YES:
        key = "version-open" if answer.in_force.truth is Truth.OPEN else "version-not"
        yield Note(key=key, values={"why": "; ".join(answer.in_force.because)})
    for run in answer.clocks:
        if only is None or only == (run.start.kind, run.start.scope, run.start.claimed_by):
            yield Note(key="clock" if run.due is None else "clock-due", run=run, zone=answer.zone)
    for key, text in (
        ("time", duty.clock.words),
        ("phasing", duty.phasing),
        ("form", duty.form),
        ("language", duty.language),
    ):
        if text:
            yield Note(key=key, law=text)
    yield from (Note(key="delay", law=each) for each in duty.delays)
    for name, why in sorted(origin.unverified.items()):
        yield Note(key="unverified", values={"part": name}, law=why)
    if not duty.contents:
        yield Note(key="no-contents")
    values = {"id": origin.id, "confidence": origin.confidence, "day": origin.reviewed.isoformat()}
    yield Note(key="item", values=values)
    yield from (Note(key="free", law=each) for each in duty.notes)


def _owed_note(answer: DutyAnswer, law: Law) -> Note:
    if answer.owed.truth is Truth.YES:
        return Note(key="owed")
    why = {"why": "; ".join(answer.owed.because)}
    if answer.owed.truth is Truth.NO:
        return Note(key="not-owed", values=why)
    needs = tuple((need, law.questions.get(need, "")) for need in answer.owed.needs)
    return Note(key="cannot-tell" if needs else "cannot-tell-why", values=why, needs=needs)


def _version(scope: ScopeFacts, document: Mapping[str, Any], case: CaseFile, area: Area) -> Version:
    counts = {str(each.get("unit")): each for each in _rows(document, "counts")}
    window = document.get("window")
    window = window if isinstance(window, Mapping) else {}
    ends = window.get("ends")
    ends = ends if isinstance(ends, Mapping) else {}
    return Version(
        number=scope.version,
        known=scope.known,
        persons=_bounds("persons", scope.persons, counts["persons"]),
        accounts=_bounds("accounts", scope.accounts, counts["accounts"]),
        views=_views(counts.get("views")),
        here=_bounds("persons", case.facts.people(area, scope), counts["persons"]),
        places=tuple((place, _bounds("persons", scope.by_place[place])) for place in sorted(scope.by_place)),
        categories=_categories(scope, document),
        persons_by_category={
            key: _bounds("persons", each) for key, each in scope.persons_by_category.items()
        },
        complete=scope.complete,
        final=scope.final,
        first_view=_instant(window.get("first_view")),
        last_view=_instant(window.get("last_view")),
        maybe_earlier=ends.get("before", NOTHING) != NOTHING,
        maybe_later=ends.get("after", NOTHING) != NOTHING,
    )


def _categories(scope: ScopeFacts, document: Mapping[str, Any]) -> dict[str, str]:
    """A ledger that proves that something was not seen gives no reason: with one it is only said."""
    said = {str(each.get("category")) for each in _rows(document, "categories_held") if each.get("why")}
    return {
        key: "said not seen" if answer == "not seen" and key in said else answer
        for key, answer in scope.categories.items()
    }


def _rows(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = document.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _views(count: Mapping[str, Any] | None) -> Bounds | None:
    if count is None:
        return None
    lower, upper = count.get("lower"), count.get("upper")
    if not isinstance(lower, int) or not (upper is None or isinstance(upper, int)):
        return None
    return Bounds(unit="views", lower=lower, upper=upper, reasons=_reasons(count))


def _bounds(unit: str, found: Range, count: Mapping[str, Any] | None = None) -> Bounds:
    high = None if found.high is None else int(found.high)
    return Bounds(unit=unit, lower=int(found.low), upper=high, reasons=_reasons(count or {}))


def _reasons(count: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(each["code"]) for each in _rows(count, "reasons") if "code" in each)


def _instant(text: object) -> datetime | None:
    try:
        return parse_instant(text) if isinstance(text, str) else None
    except WhosawError:
        return None
