"""What a case asks a text to say: the law items in force, the scope versions and the times of awareness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Final

from whosaw.core.duties import DutyAnswer
from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_instant, parse_zone
from whosaw.core.ranges import Range
from whosaw.core.reasons import joined_reasons
from whosaw.core.truth import Truth
from whosaw.law.checking.expected import AskedItem, Aware, Bounds, Expected, Ledger
from whosaw.law.drafting.authorities import load_authorities
from whosaw.law.drafting.notice_groups import Group, groups_of
from whosaw.law.loaded_case import LawCase
from whosaw.packs.notice_further import further_of

__all__ = [
    "FORMS",
    "Chosen",
    "choose_duties",
    "expected_of",
    "form_of",
    "ledger_of",
    "names_of",
    "versions_of",
]

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "notice": ("individuals",),
    "possible": ("possibly-affected",),
    "filing": ("regulator", "cyber-agency", "market"),
}
_SURE: Final = {"statute-read": 0, "secondary": 1, "unverified": 2}
_OTHER_REASONS: Final = (
    "secondary-subjects-not-named",
    "counted-by-others",
    "not-counted",
    "accounts-that-exist",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The duties that a text is held against, and those of which it is undecided whether they are owed."""

    answers: tuple[DutyAnswer, ...]
    undecided: tuple[DutyAnswer, ...]


def choose_duties(
    answers: Sequence[DutyAnswer], form: str, wanted: Sequence[str], *, supplement: bool = False
) -> Chosen:
    """Duties of the form that are owed, or those of `wanted` (a place, an authority or a duty) whether owed or not.

    Where none is owed, those that may be. Raises `WhosawError` for a name that is none, with those that are.
    """
    in_force = [each for each in answers if each.in_force.truth is not Truth.NO and _says_what(each)]
    governing = [each for each in in_force if each.duty.audience in FORMS[form]]
    if wanted:
        # few laws ask for a notice of its own to people possibly seen; elsewhere it holds what the notice to people holds
        notices = [each for each in in_force if form == "possible" and each.duty.audience in FORMS["notice"]]
        found = []
        for name in wanted:
            named = [each for each in governing if _named(each, name, supplement)]
            named = named or [each for each in notices if _named(each, name, supplement)]
            if not named:
                raise _unknown(name, governing, form)
            found += [each for each in named if each not in found]
        owed = [each for each in found if each.owed.truth is not Truth.NO]
        return Chosen(answers=tuple(owed or found), undecided=())
    owed = [each for each in governing if each.owed.truth is Truth.YES]
    may_be = [each for each in governing if each.owed.truth is Truth.OPEN]
    return Chosen(answers=tuple(owed or may_be), undecided=tuple(may_be if owed else ()))


def _says_what(answer: DutyAnswer) -> bool:
    return bool(answer.duty.contents or further_of().get(answer.duty.of))


def _named(answer: DutyAnswer, name: str, supplement: bool) -> bool:
    duty = answer.duty
    if name in (duty.origin.jurisdiction, duty.origin.id, duty.of):
        return True
    authority = load_authorities().get(name)
    if authority is None:
        return False
    return duty.of in (authority.supplements if supplement and authority.supplements else authority.duties)


def _unknown(name: str, governing: Iterable[DutyAnswer], form: str) -> WhosawError:
    of = {each.duty.of for each in governing}
    places = sorted({each.duty.origin.jurisdiction for each in governing})
    authorities = [
        each.id for each in load_authorities().values() if form == "filing" and of.intersection(each.duties)
    ]
    return WhosawError(
        "notice-check.for",
        f"no law that reaches this case asks for a {'filing' if form == 'filing' else 'notice'} by the name {name!r}",
        hint=f"--for takes {', '.join([*places, *authorities, *sorted(of)]) or 'nothing here: no such duty reaches the case'}",
    )


def expected_of(
    loaded: LawCase, chosen: Chosen, form: str, *, version: int | None = None, group: str = ""
) -> Expected:
    """All that a text of `form` is held against. `group` is a group of people as `whosaw notice` names it."""
    case = loaded.case
    zone = parse_zone(case.zone)
    documents = versions_of(loaded, version)
    picked = _group(documents, group)
    asked = tuple(_asked(each) for each in chosen.answers)
    return Expected(
        form=form,
        asked=tuple(item for items in asked for item in items),
        versions=tuple(ledger_of(each, zone) for each in documents),
        organisation=names_of(loaded),
        known=frozenset(each.about for each in case.account.statements),
        aware=_aware(loaded, documents, zone),
        word_asked=tuple(_word(each) for each in chosen.answers if each.duty.language),
        addressed=picked.categories if picked is not None and picked.categories_known else None,
        group=group,
        area=_area(loaded, chosen, documents),
        people=picked.accounts if picked is not None else None,
        copied=_answered(loaded, "data.copied"),
        lost=_answered(loaded, "data.lost"),
    )


def _answered(loaded: LawCase, question: str) -> bool:
    answer = loaded.case.facts.flags.get(question)
    return answer is not None and answer.value


def versions_of(loaded: LawCase, version: int | None) -> tuple[Mapping[str, Any], ...]:
    """The scope versions up to `version` (None: the newest)."""
    scopes = loaded.case.scopes
    if version is not None and version not in {int(each["version"]) for each in scopes}:
        known = ", ".join(str(each["version"]) for each in scopes) or "none"
        raise WhosawError(
            "notice-check.version",
            f"the case does not name scope version {version}",
            hint=f"It names {known}",
        )
    return tuple(each for each in scopes if version is None or int(each["version"]) <= version)


def form_of(loaded: LawCase, form: str, *, version: int | None, group: str) -> str:
    """A notice to a group of people who are possibly seen is of the form that some laws ask for them."""
    picked = _group(versions_of(loaded, version), group)
    return "possible" if form == "notice" and picked is not None and picked.kind == "possible" else form


def _group(documents: Sequence[Mapping[str, Any]], group: str) -> Group | None:
    if not group:
        return None
    known = groups_of(documents[-1]) if documents else ()
    found = next((each for each in known if each.id == group), None)
    if found is None:
        raise WhosawError(
            "notice-check.group",
            f"there is no group {group} in this scope version",
            hint=f"Groups: {', '.join(each.id for each in known) or 'none'}",
        )
    return found


def names_of(loaded: LawCase) -> tuple[str, ...]:
    """The names of the organisation, as the case file and each language write it."""
    name = loaded.case.organisation
    return tuple(dict.fromkeys([name, *loaded.case.account.names.get(name, {}).values()])) if name else ()


def _asked(answer: DutyAnswer) -> list[AskedItem]:
    duty, origin = answer.duty, answer.duty.origin
    return [
        AskedItem(
            key=content.key,
            text=content.text,
            item=origin.id,
            statute=origin.statute,
            article=content.article or origin.article,
            place=answer.area.name,
            confidence="unverified" if content.unverified else origin.confidence,
            owed=answer.state,
            phasing=duty.phasing,
        )
        for content in duty.contents
    ] + [
        AskedItem(
            key=further.key,
            text=further.text,
            item=origin.id,
            statute=origin.statute,
            article=further.article,
            place=answer.area.name,
            confidence="unverified",
            owed=answer.state,
            phasing=duty.phasing,
            only_for=further.only_for,
        )
        for further in further_of().get(duty.of, ())
    ]


def _word(answer: DutyAnswer) -> AskedItem:
    origin = answer.duty.origin
    return AskedItem(
        key="language",
        text=answer.duty.language,
        item=origin.id,
        statute=origin.statute,
        article=origin.article,
        place=answer.area.name,
        confidence=max(origin.confidence, "secondary", key=_SURE.__getitem__),
        owed=answer.state,
    )


def _aware(loaded: LawCase, documents: Sequence[Mapping[str, Any]], zone: tzinfo) -> tuple[Aware, ...]:
    facts = loaded.case.facts
    found = [
        Aware(
            first=event.when.earliest.astimezone(zone).date(),
            last=event.when.latest.astimezone(zone).date(),
            said_by=event.said_by,
        )
        for kind in ("aware", "aware-possible", "processor-aware", "new-fact")
        for event in facts.of_kind(kind)
    ]
    versions = {int(each["version"]) for each in documents}
    found += [
        Aware(
            first=scope.known.earliest.astimezone(zone).date(),
            last=scope.known.latest.astimezone(zone).date(),
            said_by=scope.known_from,
            version=scope.version,
        )
        for scope in facts.scopes
        if scope.version in versions
    ]
    return tuple(dict.fromkeys(found))


def _area(
    loaded: LawCase, chosen: Chosen, documents: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, str, Bounds], ...]:
    areas = {each.area.id: each.area for each in chosen.answers}
    if len(areas) != 1 or not documents:
        return ()
    (area,) = areas.values()
    facts = loaded.case.facts
    scope = next(each for each in facts.scopes if each.version == int(documents[-1]["version"]))
    return (
        (area.name, "persons", _bounds(facts.people(area, scope))),
        (area.name, "accounts", _bounds(facts.accounts(area, scope))),
    )


def _bounds(counted: Range) -> Bounds:
    return int(counted.low), None if counted.high is None else int(counted.high)


def ledger_of(document: Mapping[str, Any], zone: tzinfo) -> Ledger:
    """One scope version. A category said not to be seen for a reason is only said to be so: a ledger that proves it gives none."""
    counts = {str(each["unit"]): (int(each["lower"]), each["upper"]) for each in document["counts"]}
    categories: dict[str, str] = {}
    why: dict[str, str] = {}
    for row in document["categories_held"]:
        key, reasons = str(row["category"]), joined_reasons(map(str, row.get("why") or ()))
        claimed = row["answer"] == "not seen" and bool(reasons)
        categories[key] = "cannot tell" if claimed else str(row["answer"])
        why[key] = f"it is only said to be so ({reasons})" if claimed else reasons
    window = document.get("window") or {}
    return Ledger(
        version=int(document["version"]),
        counts=counts,
        parts=tuple(_parts(document)),
        categories=categories,
        why=why,
        complete=not any(
            each.get("code") in ("unmapped-route", "unread-source", "draft-route")
            for each in document["open"]
        ),
        secondary=_secondary(document, counts),
        possible=_possible(document, counts),
        first_day=_day(window.get("first_view"), zone),
        last_day=_day(window.get("last_view"), zone),
    )


def _day(text: object, zone: tzinfo) -> date | None:
    return parse_instant(text).astimezone(zone).date() if isinstance(text, str) and text else None


def _parts(document: Mapping[str, Any]) -> Iterable[tuple[str, str, Bounds]]:
    by: Mapping[str, Any] = document.get("by") or {}
    for breakdown in ("jurisdiction", "category"):
        for row in by.get(breakdown) or ():
            for unit in ("persons", "accounts", "views"):
                if isinstance(count := row.get(unit), dict):
                    yield str(row["name"]), unit, (int(count["lower"]), count["upper"])
    for number, group in enumerate(document.get("groups") or (), start=1):
        yield f"group seen-{number}", "accounts", (int(group["accounts"]), int(group["accounts"]))


def _secondary(document: Mapping[str, Any], counts: Mapping[str, Bounds]) -> str:
    accounts, persons = counts["accounts"], counts["persons"]
    told: Mapping[str, Any] = document.get("secondary") or {}
    if (accounts[1] is not None and persons[0] > accounts[1]) or int(told.get("lower") or 0) > 0:
        return "yes"
    named = any(
        reason.get("code") == "secondary-subjects-not-named"
        for count in document["counts"]
        if count["unit"] == "persons"
        for reason in count.get("reasons") or ()
    )
    return "perhaps" if named or told.get("upper", 0) != 0 else "no"


def _possible(document: Mapping[str, Any], counts: Mapping[str, Bounds]) -> tuple[str, ...]:
    """Why further accounts than the lower bound may have been seen."""
    low, high = counts["accounts"]
    if high is not None and high == low:
        return ()
    open_items = [str(each["what"]) for each in document["open"] if each.get("what")]
    codes = [
        str(reason.get("code"))
        for count in document["counts"]
        if count["unit"] in ("accounts", "persons")
        for reason in count.get("reasons") or ()
        if reason.get("code") not in _OTHER_REASONS
    ]
    return tuple(dict.fromkeys(open_items or codes))
