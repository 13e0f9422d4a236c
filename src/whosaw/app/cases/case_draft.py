"""The text of a new case file: what is known as it has to stand, what is missing as a comment with an example, section by section."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .case_fields import FIELDS, CaseField

__all__ = ["CaseDraft", "CaseSection", "Known", "Question", "draft_of"]

_PAGE = "https://whosaw.readthedocs.io/en/latest/reference/case-file.html"
_SECTIONS = (
    "organisation",
    "people",
    "aware",
    "events",
    "answers",
    "scope",
    "contact",
    "statements",
    "made",
    "turnover",
)
# what a section means nothing without; a contact has one of telephone and email
_NEEDED: Final[Mapping[str, set[str]]] = {"people": {"unplaced", "because"}, "aware": {"at", "said_by"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger knows of a case: its newest version, and sentences about people, categories, time and coverage. `unplaced` says
    how many of its people are of no known country; None where no version is there."""

    version: int | None
    scope: tuple[str, ...]
    first: str | None
    last: str | None
    unplaced: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of law that is still open; `by_act`: each act asks it for itself."""

    key: str
    asks: str
    by_act: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSection:
    """One section: what of it is filled, and what is missing."""

    name: str
    filled: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """The text of the file, and its sections."""

    text: str
    sections: tuple[CaseSection, ...]


def draft_of(
    case: str,
    given: Mapping[str, str],
    known: Known,
    *,
    statements: Mapping[str, str],
    questions: Sequence[Question],
    clue: str,
) -> CaseDraft:
    """The draft of a case of this name. `statements` and `questions` are what can be said, and what is still asked;
    `clue` says how the case gets its scope where it has none."""
    lines = [
        f"# Case {case}, drafted by `whosaw case new`. What is not known is left out: nothing has a default.",
        f"# Lines that begin with #? are still missing. Every key: {_PAGE}",
        f"case = {_text(case)}",
        *(
            _fields("zone", given)
            if "zone" in given
            else ("#? Zone of days without a time; UTC until you say another", 'zone = "UTC"')
        ),
    ]
    lines += ["", *_block(["[organisation]"], "organisation", given)]
    placed = [f"# {known.unplaced}"] if known.unplaced else []
    lines += ["", *placed, *_block(["[people]"], "people", given)]
    lines += [
        "",
        "# When the organisation became aware. Several who claim different times have an [[event]] each.",
    ]
    lines += _block(["[[event]]", 'kind = "aware"'], "aware", given)
    lines += ["", *_times(known)]
    lines += [
        "",
        "# Questions of law, each with who answers it and why. `whosaw duties` says which of them decide something.",
    ]
    for each in questions:
        lines += [f"#? {each.asks}", "# [[answer]]", f'# question = "{each.key}"', "# answer = true"]
        if each.by_act:
            lines += ['# law = ""', '# found_by = ""']
        lines += ['# by = ""', '# because = ""']
    lines += ["", "# Whom the ledger says was seen. Counts are never typed: they are taken from the version."]
    lines += [f"# {each}" for each in known.scope]
    if known.version is None:
        lines += [f"#? {clue}", "# [[scope]]", "# version = 1"]
    else:
        lines += ["[[scope]]", f"version = {known.version}"]
    lines += ["", *_block(["[contact]"], "contact", given)]
    lines += ["", "# What only the organisation can say, in each language of those who read it."]
    for about, what in statements.items():
        lines += [
            f"#? {what}",
            "# [[statement]]",
            f'# about = "{about}"',
            '# said_by = ""',
            '# text = { en = "" }',
        ]
    lines += [
        "",
        "#? Reports and notices that were made already, and when",
        "# [[made]]",
        '# duty = ""',
        "# at = 2026-03-07T17:00:00+03:00",
    ]
    lines += [
        "",
        "#? Turnover of a year, for penalties that are a share of it",
        "# [[turnover]]",
        "# year = 2025",
        '# place = "world"',
    ]
    lines += ['# currency = ""', "# amount = 0", '# source = ""']
    return CaseDraft(
        text="\n".join(lines) + "\n",
        sections=tuple(_sections(given, known, statements, questions, clue)),
    )


def _block(head: Sequence[str], section: str, given: Mapping[str, str]) -> list[str]:
    """A section as TOML; all of it as comments where the case file would not take it, so that no answer is lost."""
    told = _fields(section, given)
    if _stands(section, given):
        return [*head, *told]
    return [each if each.startswith("#") else f"# {each}" for each in (*head, *told)]


def _stands(section: str, given: Mapping[str, str]) -> bool:
    """Whether enough of a section was given for it to mean something."""
    names = {field.name for field in _of(section) if _values(field, given)}
    if section == "contact":
        return bool(names & {"telephone", "email"})
    return names >= _NEEDED.get(section, set())


def _times(known: Known) -> list[str]:
    """What the ledger saw first and last. When the violation began and ended is for the organisation to say."""
    lines = ["# When the violation began and ended. Logs may begin after it."]
    for kind, at, what in (("began", known.first, "first"), ("ended", known.last, "last")):
        said = f"The {what} view of version {known.version}: {at}" if at else "Not known to the ledger"
        lines += [
            f"#? {said}",
            "# [[event]]",
            f'# kind = "{kind}"',
            f"# at = {at or '2026-03-04T21:10:00+03:00'}",
            '# said_by = ""',
        ]
    return lines


def _fields(section: str, given: Mapping[str, str]) -> list[str]:
    """The keys of a section as TOML, those without a value as comments."""
    lines: list[str] = []
    for field in _of(section):
        values = _values(field, given)
        if values:
            lines.append(f"{field.name} = {values}")
        else:
            example = {f"{field.key}.en" if field.kind == "spoken" else field.key: field.example}
            lines += [f"#? {field.asks}", f"# {field.name} = {_values(field, example)}"]
    return lines


def _of(section: str) -> Iterator[CaseField]:
    return (each for each in FIELDS if each.section == section)


def _values(field: CaseField, given: Mapping[str, str]) -> str:
    """The value as TOML; empty where there is none."""
    if field.kind == "spoken":
        spoken = {
            key.removeprefix(f"{field.key}."): value
            for key, value in given.items()
            if key.startswith(f"{field.key}.")
        }
        if field.key in given:
            spoken.setdefault("en", given[field.key])
        texts = ", ".join(f"{_key(language)} = {_text(value)}" for language, value in sorted(spoken.items()))
        return f"{{ {texts} }}" if texts else ""
    if field.key not in given:
        return ""
    value = given[field.key]
    if field.kind == "many":
        parts = [] if value == "-" else [part.strip() for part in value.split(",") if part.strip()]
        return f"[{', '.join(_text(part) for part in parts)}]"
    return value if field.kind == "time" else _text(value)


def _key(name: str) -> str:
    return name if name.isalnum() else _text(name)


def _text(value: str) -> str:
    """A basic string of TOML, which escapes as JSON does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _sections(
    given: Mapping[str, str],
    known: Known,
    statements: Mapping[str, str],
    questions: Sequence[Question],
    clue: str,
) -> Iterator[CaseSection]:
    for name in _SECTIONS:
        fields = [
            each
            for each in FIELDS
            if each.section == name or (name == "organisation" and each.section == "zone")
        ]
        filled = [each.name for each in fields if _values(each, given)]
        missing = [f"{each.name}: {each.asks}" for each in fields if not _values(each, given)]
        if name == "people" and known.unplaced is not None:
            filled.append(known.unplaced)
        if name == "events":
            missing += [
                f"{kind}: the ledger's {what} view is {at or 'not known'}"
                for kind, what, at in (("began", "first", known.first), ("ended", "last", known.last))
            ]
        if name == "answers":
            missing += [f"{each.key}: {each.asks}" for each in questions]
        if name == "scope":
            filled += known.scope
            missing += [clue] if known.version is None else []
        if name == "statements":
            missing += [f"{about}: {what}" for about, what in statements.items()]
        if name == "made":
            missing.append("reports and notices that were made already")
        if name == "turnover":
            missing.append("turnover of a year, for penalties that are a share of it")
        yield CaseSection(name=name, filled=tuple(filled), missing=tuple(missing))
