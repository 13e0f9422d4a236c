"""The parts of a filing that come from the case file: times, what the organisation says, whom to ask, what people were told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from whosaw.core.draft import Block, Missing
from whosaw.core.moments import Moment

from . import scope_parts
from .case_material import Version
from .telling import Filled, Telling, joined, statement_source

__all__ = ["PARTS", "asked_by_form", "awareness", "organisation"]


def times(telling: Telling) -> Filled:
    """When it began and ended: the first and last view of the scope, how far the logs reach, and what is claimed."""
    now, words = telling.now, telling.words
    blocks: list[Block] = []
    missing: list[Missing] = []
    for kind, view, beyond in (
        ("began", "first-view", "maybe-earlier"),
        ("ended", "last-view", "maybe-later"),
    ):
        instant, reaches = _end(now, kind)
        if now is not None and instant is not None:
            when, source = Moment.at(instant), f"{now.source}: window"
            blocks.append(telling.row(words.label(view), telling.time(when), source))
            if not reaches:
                blocks.append(Block(kind="text", text=words.say(beyond), sources=(source,)))
        blocks += (claims := telling.claims(kind, kind, f"disputed-{kind}"))
        if instant is None and not claims:
            where = f'{telling.material.file}: [[event]] kind = "{kind}", or a scope version that holds views'
            missing.append(telling.missing(kind, where))
    return Filled(blocks=tuple(blocks), missing=tuple(missing))


def _end(version: Version | None, kind: str) -> tuple[datetime | None, bool]:
    """The view at that end of the scope, and whether the logs reach far enough beyond it."""
    if version is None:
        return None, True
    if kind == "began":
        return version.first_view, not version.maybe_earlier
    return version.last_view, not version.maybe_later


def awareness(telling: Telling) -> Filled:
    """Every time that is claimed for when the organisation became aware."""
    blocks = telling.claims("aware", "aware", "disputed")
    if blocks:
        return Filled(blocks=tuple(blocks))
    where = f'{telling.material.file}: [[event]] kind = "aware", at = ..., said_by = "..."'
    return Filled(missing=(telling.missing("aware", where),))


def measures(telling: Telling) -> Filled:
    """What was done and what is planned, one of them at least; and what became of the data, where that is said."""
    label = telling.words.label
    found = [
        telling.statements("measure-taken", required=False, label=label("taken")),
        telling.statements("measure-planned", required=False, label=label("planned")),
    ]
    if not telling.material.account.about("measure-taken", "measure-planned"):
        found.append(Filled(missing=(telling.not_said("measure-taken", "measures"),)))
    found.append(telling.statements("recovery", required=False, label=label("recovery")))
    return joined(found)


def people_can_do(telling: Telling) -> Filled:
    found = telling.statements("people-can-do")
    if not found.blocks:
        return found
    head = Block(kind="text", text=telling.words.say("what-people-can-do"))
    return Filled(blocks=(head, *found.blocks), missing=found.missing)


def chronology(telling: Telling) -> Filled:
    """The steps since awareness in order of time, each with its own."""
    steps = sorted(
        telling.material.account.about("chronology"),
        key=lambda each: (each.when.earliest, each.when.latest, each.line or 0) if each.when else (),
    )
    if not steps:
        return Filled(missing=(telling.not_said("chronology"),))
    found = telling.statements("chronology", required=False)
    rows = [
        telling.row(telling.time(each.when), each.texts[telling.language], statement_source(each))
        for each in steps
        if each.when is not None and telling.language in each.texts
    ]
    return Filled(blocks=tuple(rows), missing=found.missing)


def notice_plan(telling: Telling) -> Filled:
    """How the people are told; missing where nothing is said of it and nobody was told."""
    return telling.statements("notice-plan", required=not telling.material.told)


def told(telling: Telling) -> Filled:
    """The notices that were made, and how many people none of them can have reached."""
    words, material = telling.words, telling.material
    rows = []
    for each in material.told:
        when = telling.time(each.when)
        text = when if each.scope is None else words.say("version-told", when=when, version=str(each.scope))
        source = f" ({each.source})" if each.source else ""
        rows.append(telling.row(words.label("told"), text, f"case file: made {each.duty}{source}"))
    if rows and material.not_told is not None and material.not_told.upper != 0 and telling.now is not None:
        count = words.count(material.not_told)
        rows.append(
            telling.row(words.label("not-told"), count, f"{telling.now.source}: counts", "case file: made")
        )
    return Filled(blocks=tuple(rows))


def contact(telling: Telling) -> Filled:
    """Whom to ask: a department or an officer, and how to reach them."""
    material, label = telling.material, telling.words.label
    reach = material.account.contact
    if reach is None:
        where = f"{material.file}: [contact] department, telephone or email"
        return Filled(missing=(telling.missing("contact", where),))
    rows: list[Block] = []
    missing: list[Missing] = []
    for key, texts in (("department", reach.department), ("address", reach.address), ("hours", reach.hours)):
        if telling.language in texts:
            rows.append(telling.row(label(key), texts[telling.language], f"case file: contact {key}"))
        elif texts:
            missing.append(telling.in_contact(key))
    if not reach.department and not reach.officer:
        missing.append(telling.in_contact("department"))
    for key, text in (
        ("officer", reach.officer),
        ("telephone", reach.telephone),
        ("email", reach.email),
        ("page", reach.page),
    ):
        if text:
            shown = material.account.name(text, telling.language)
            rows.append(telling.row(label(key), shown, f"case file: contact {key}"))
    return Filled(blocks=tuple(rows), missing=tuple(missing))


def organisation(telling: Telling) -> Filled:
    """Its name, as the language writes it."""
    material = telling.material
    if not material.organisation:
        where = f'{material.file}: [organisation] name = "..."'
        return Filled(missing=(telling.missing("organisation", where),))
    name = material.account.name(material.organisation, telling.language)
    return Filled(
        blocks=(telling.row(telling.words.label("organisation"), name, "case file: organisation name"),)
    )


def asked_by_form(telling: Telling, fields: Sequence[str]) -> Filled:
    """What a form asks, in its order: a part of a filing, or a detail of the organisation."""
    return joined([PARTS[each](telling) if each in PARTS else _detail(telling, each) for each in fields])


def _detail(telling: Telling, key: str) -> Filled:
    texts, label = telling.material.account.details.get(key, {}), telling.words.label(key)
    text = texts.get(telling.language) or texts.get("")
    if text:
        return Filled(blocks=(telling.row(label, text, f"case file: details {key}"),))
    where = f'{telling.material.file}: [details] {key} = {{ {telling.language} = "..." }}'
    return Filled(missing=(Missing(needs=label, where=where, label=label),))


def rights(telling: Telling) -> Filled:
    lines = telling.words.rights(telling.asked.jurisdiction)
    if not lines:
        where = f"data/languages/{telling.language}/filing.toml: [rights]"
        return Filled(missing=(telling.missing("rights", where),))
    return Filled(blocks=tuple(Block(kind="item", text=line) for line in lines))


def sample(telling: Telling) -> Filled:
    """A document of its own, which is never part of a draft."""
    where = "write the notice with `whosaw notice` and attach it"
    return Filled(missing=(telling.missing("sample", where),))


def _statement(about: str) -> Callable[[Telling], Filled]:
    return lambda telling: telling.statements(about)


PARTS: Final[Mapping[str, Callable[[Telling], Filled]]] = {
    "awareness": awareness,
    "categories": scope_parts.categories,
    "cause": _statement("cause"),
    "changes": scope_parts.changes,
    "chronology": chronology,
    "circumstances": _statement("circumstances"),
    "consequences": _statement("consequences"),
    "contact": contact,
    "how-aware": _statement("awareness"),
    "intruder": _statement("intruder"),
    "measures": measures,
    "notice-plan": notice_plan,
    "organisation": organisation,
    "people": scope_parts.people,
    "people-can-do": people_can_do,
    "places": scope_parts.places,
    "redress": _statement("redress"),
    "rights": rights,
    "sample": sample,
    "times": times,
    "told": told,
    "views": scope_parts.views,
}
