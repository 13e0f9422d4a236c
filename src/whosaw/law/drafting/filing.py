"""A draft of a filing: what an authority's duty asks, filled from the case in one language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from whosaw.core.draft import Block, Draft, Section
from whosaw.core.duties import Made, Run
from whosaw.core.law_items import cited
from whosaw.packs.toml_file import load_toml

from .authorities import LATE, Authority
from .case_material import Asked, AskedContent, Bounds, Material, Version
from .filing_words import FilingWords
from .said_parts import PARTS, asked_by_form, awareness, organisation
from .telling import Filled, Telling, joined

__all__ = ["Occasion", "draft_filing", "is_late", "notice_of", "parts_of"]

_NOT_FIT: Final = re.compile(r"[^\w-]+")
_DESCRIBES: Final = frozenset({"people", "categories", "circumstances"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a draft is made for: a first report (`supplement` false), or what a report before did not say. `since` is that report,
    where one was made; `before` the version that it told of; `run` the clock of the new fact, where the law gives it one."""

    now: Version | None
    supplement: bool = False
    before: Version | None = None
    since: Made | None = None
    added: Bounds | None = None
    run: Run | None = None


def draft_filing(
    authority: Authority,
    asked: Asked,
    material: Material,
    words: FilingWords,
    occasion: Occasion,
    *,
    at: datetime,
) -> Draft:
    """The draft as of `at`. Each thing the law asks is a section that is filled with its sources, or says what is missing."""
    telling = Telling(
        material=material,
        asked=asked,
        words=words,
        now=occasion.now,
        before=occasion.before,
        added=occasion.added,
        since=occasion.since.when if occasion.since else None,
        supplement=occasion.supplement,
    )
    name = material.account.name(material.organisation, words.language.code)
    return Draft(
        id=_id(authority, asked, material, words, occasion),
        kind="filing",
        language=words.language.code,
        title=words.title(asked.of, supplement=occasion.supplement and asked.of not in authority.supplements),
        organisation=name,
        recipient=words.authority(authority.id),
        case=material.case,
        scope_version=occasion.now.number if occasion.now else None,
        duties=(asked.id,),
        opening=_opening(telling, authority, occasion, at),
        sections=tuple(_once(_sections(telling, occasion, authority))),
        closing=_closing(telling, name, at),
        notes=asked.notes,
    )


def is_late(runs: tuple[Run, ...]) -> bool:
    """Under one of the claimed times at least."""
    return any(run.status in ("late", "overdue") for run in runs)


def parts_of(key: str) -> tuple[str, ...]:
    """The facts that fill what a law calls by `key`."""
    return tuple(_contents()["parts"][key])


def notice_of(key: str) -> str:
    """The duty whose contents stand in place of this one; empty for most."""
    return str(_contents()["notice_of"].get(key, ""))


@cache
def _contents() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return load_toml(Path(str(files("whosaw") / "data" / "drafting" / "contents.toml"))).data


def _id(
    authority: Authority, asked: Asked, material: Material, words: FilingWords, occasion: Occasion
) -> str:
    parts = [material.case, authority.id, asked.id.rpartition("/")[2]]
    if occasion.supplement:
        version = f"-{occasion.now.number}" if occasion.now else ""
        fact = ""
        if occasion.run is not None and occasion.run.start.scope is None:
            fact = f"-{occasion.run.start.when.earliest:%Y%m%d%H%M%S}"
        own = asked.of in authority.supplements  # its name says that it is one
        parts.append(f"{version}{fact}".lstrip("-") if own else f"supplement{version}{fact}")
    parts.append(words.language.code)
    return _NOT_FIT.sub("-", "-".join(parts)).strip("-")


def _opening(telling: Telling, authority: Authority, occasion: Occasion, at: datetime) -> tuple[Block, ...]:
    words, material, asked = telling.words, telling.material, telling.asked
    rows = []
    if authority.led and material.lead:
        lead = words.place(material.lead)
        rows.append(telling.row(words.label("lead"), lead, "case file: organisation lead_authority"))
    rows += [
        telling.row(
            words.label("law"),
            words.citation(asked.id, cited(asked.statute, asked.article)),
            f"law item {asked.id} ({asked.confidence})",
        ),
        *([] if asked.follows else [telling.row(words.label("kind"), *_kind(telling, occasion))]),
        telling.row(words.label("date"), words.day(at, material.zone)),
        telling.row(words.label("case"), material.case, "case file: case"),
        telling.row(words.label("zone"), words.say("zone", zone=material.zone_name), "case file: zone"),
    ]
    return tuple(rows)


def _kind(telling: Telling, occasion: Occasion) -> tuple[str, ...]:
    words = telling.words
    if not occasion.supplement:
        return (words.say("first"),)
    if occasion.since is None:
        return (words.say("supplement-unreported"),)
    source = f" ({occasion.since.source})" if occasion.since.source else ""
    return (
        words.say("supplement", when=telling.time(occasion.since.when)),
        f"case file: made {occasion.since.duty}{source}",
    )


def _sections(telling: Telling, occasion: Occasion, authority: Authority) -> tuple[Section, ...]:
    """Who reports, what changed, what the law asks, what the form asks besides; then what is always said: when it was known, why late,
    whom to ask."""
    asked = telling.asked
    if authority.follows and not _only_new_facts(asked):
        return _by_form(telling, occasion, authority)
    told: set[str] = {"organisation"}
    places = _places(telling, told)
    own = [field for each in authority.form if each.heading == "organisation" for field in each.fields]
    who = joined([organisation(telling), asked_by_form(telling, own)])
    sections = [_section(telling, "", "organisation", who)]
    if occasion.supplement and not any("changes" in parts_of_content(each) for each in asked.contents):
        sections.append(_section(telling, "", "changes", PARTS["changes"](telling)))
    for content in asked.contents or _unasked("general"):
        sections += _asked_sections(telling, content, told, places)
    if not told & _DESCRIBES and not _only_new_facts(asked):
        for content in _unasked("described_by"):
            sections += _asked_sections(telling, content, told, {})
    for each in () if _only_new_facts(asked) else authority.form:
        if each.heading != "organisation":
            fields = [field for field in each.fields if field not in told]
            sections.append(_section(telling, "", each.heading, asked_by_form(telling, fields)))
    if "awareness" not in told and not _only_new_facts(asked):
        sections.append(_section(telling, "", "awareness", awareness(telling)))
    sections += _late(telling, occasion)
    if "contact" not in told:
        sections.append(_section(telling, "", "contact", PARTS["contact"](telling)))
    return tuple(sections)


def _once(sections: Iterable[Section]) -> Iterator[Section]:
    """Without rows that stand further up word by word, such as an address that is also the seat; a section keeps one line at least."""
    told: set[tuple[str, str]] = set()
    for section in sections:
        left = tuple(
            each for each in section.blocks if each.kind != "row" or (each.label, each.text) not in told
        )
        told |= {(each.label, each.text) for each in section.blocks if each.kind == "row"}
        yield replace(section, blocks=left or section.blocks)


def _by_form(telling: Telling, occasion: Occasion, authority: Authority) -> tuple[Section, ...]:
    """The headings of the form in its order; then what the law lists and no heading answers, and what is always said."""
    asked = _listed(telling.asked)
    told = {field for each in authority.form for field in each.fields}
    places = _places(telling, told)
    sections = []
    if occasion.supplement:
        sections.append(_section(telling, "", "changes", PARTS["changes"](telling)))
    for row in authority.form:
        if LATE in row.fields:
            sections += _late(telling, occasion)
            continue
        content = asked.get(row.content)
        section = _section(
            telling, row.content if content else "", "form", asked_by_form(telling, row.fields), content
        )
        sections.append(replace(section, heading=telling.words.form_heading(f"{authority.id}.{row.heading}")))
    answered = {each.content for each in authority.form}
    for key, content in asked.items():
        if key not in answered and not set(parts_of(key)) <= told:
            sections += _asked_sections(telling, content, told, places)
    if "awareness" not in told:
        sections.append(_section(telling, "", "awareness", awareness(telling)))
    if LATE not in told:
        sections += _late(telling, occasion)
    if "contact" not in told:
        sections.append(_section(telling, "", "contact", PARTS["contact"](telling)))
    return tuple(sections)


def _listed(asked: Asked) -> dict[str, AskedContent]:
    """What the law lists, by key; the matters of the notice to the people stand in place of the one that asks for them."""
    found: dict[str, AskedContent] = {}
    for content in asked.contents:
        for each in asked.told_people if notice_of(content.key) else (content,):
            found.setdefault(each.key, each)
    return found


def parts_of_content(content: AskedContent) -> tuple[str, ...]:
    return () if notice_of(content.key) else parts_of(content.key)


def _unasked(which: str) -> tuple[AskedContent, ...]:
    """What is told although the law item does not list it; it has no key."""
    keys = _contents()[which]
    return tuple(AskedContent(key=key, text="") for key in keys)


def _places(telling: Telling, told: Collection[str]) -> dict[str, str]:
    """Under which of the things that the law lists each fact stands: that which asks for the fewest besides, so that what a law asks for by
    itself and in a sum is told once. A fact of `told` stands elsewhere."""
    found: dict[str, str] = {}
    for key in _listed(telling.asked) or _contents()["general"]:
        for part in parts_of(key):
            if part not in told and (part not in found or len(parts_of(key)) < len(parts_of(found[part]))):
                found[part] = key
    return found


def _told_once(telling: Telling, key: str, told: set[str], places: Mapping[str, str]) -> Filled:
    """The facts that stand under a key; where all of them stand under others, where that is."""
    own = [part for part in parts_of(key) if part not in told and places.get(part, key) == key]
    if own:
        told.update(own)
        return joined([PARTS[part](telling) for part in own])
    elsewhere = dict.fromkeys(places[part] for part in parts_of(key) if part in places)
    headings = [telling.words.heading(each) for each in elsewhere]
    return Filled(
        blocks=tuple(
            Block(kind="text", text=telling.words.say("told-under", heading=each)) for each in headings
        )
    )


def _asked_sections(
    telling: Telling, content: AskedContent, told: set[str], places: Mapping[str, str]
) -> list[Section]:
    """One section for a thing asked; for the matters of the notice to the people, one for each after a line that says so."""
    key = content.key if content in telling.asked.contents else ""
    if not notice_of(content.key):
        return [_section(telling, key, content.key, _told_once(telling, content.key, told, places), content)]
    head = Filled(blocks=(Block(kind="text", text=telling.words.say("notice-facts")),))
    sections = [_section(telling, key, content.key, head, content)]
    for each in telling.asked.told_people:
        found = _told_once(telling, each.key, told, places)
        sections.append(_section(telling, each.key, each.key, found, each))
    return sections


def _late(telling: Telling, occasion: Occasion) -> list[Section]:
    """Reasons for a delay: asked for where the law wants them and the report is late under one of the claimed times; given
    where there are any and the law does not ask, or it cannot be told whether it is late."""
    asked, runs = telling.asked, _runs_of(telling.asked, occasion)
    late = is_late(runs)
    if late and asked.late_needs_reasons:
        found = telling.statements("late")
        content = AskedContent(key="", text="", article=asked.article, confidence=asked.confidence)
        return [_section(telling, "late-reasons", "late-reasons", found, content)]
    if (late or any(run.status == "cannot tell" for run in runs)) and telling.material.account.about("late"):
        found = telling.statements("late", required=False)
        return [_section(telling, "", "late-reasons", found)]
    return []


def _runs_of(asked: Asked, occasion: Occasion) -> tuple[Run, ...]:
    if occasion.run is not None:
        return (occasion.run,)
    if occasion.supplement:
        number = occasion.now.number if occasion.now else None
        return tuple(
            each for each in asked.runs if each.start.scope is not None and each.start.scope == number
        )
    return tuple(each for each in asked.runs if each.start.scope is None)


def _only_new_facts(asked: Asked) -> bool:
    return bool(asked.contents) and all("changes" in parts_of_content(each) for each in asked.contents)


def _section(
    telling: Telling, key: str, heading: str, found: Filled, content: AskedContent | None = None
) -> Section:
    return Section(
        key=key,
        heading=telling.words.heading(heading),
        article=telling.words.article(content.article) if content else "",
        confidence=content.confidence if content else "",
        blocks=found.blocks,
        missing=found.missing,
    )


def _closing(telling: Telling, name: str, at: datetime) -> tuple[Block, ...]:
    """That the count may change, while the scope is not final; then the lines to sign."""
    now, words = telling.now, telling.words
    blocks = []
    if now is not None and not now.final:
        blocks.append(Block(kind="text", text=words.say("not-final"), sources=(f"{now.source}: not final",)))
    day = words.day(at, telling.material.zone)
    blocks += [Block(kind="text", text=line) for line in words.closing(organisation=name, date=day)]
    return tuple(blocks)
