"""The case file as a form: its values by key, and the document with other values. What no form asks for stays as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timezone, tzinfo
from typing import Any, Final

from whosaw.app.cases.case_fields import FIELDS, CaseField
from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_zone
from whosaw.law.account import ABOUT

__all__ = [
    "ANSWER_PARTS",
    "EVENTS",
    "Merged",
    "answer_key",
    "merged",
    "spoken_key",
    "statement_key",
    "values_of",
    "with_values",
]

EVENTS: Final = ("aware", "began", "ended")
_EVENT_PARTS: Final = ("at", "said_by", "evidence")
ANSWER_PARTS: Final = ("by", "because", "found_by")
_YES: Final = {"yes": True, "no": False}
_PLAIN: Final[Mapping[str, CaseField]] = {
    each.key: each for each in FIELDS if each.section in ("organisation", "people", "contact")
}
Document = dict[str, Any]
Values = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What two people wrote of the same document. `both`: keys that both changed, each to something else, with the value that stands
    and the one that was to be written. None of them is lost: nothing was written yet."""

    values: Values
    both: Mapping[str, tuple[str, str]]


def answer_key(act: str, question: str, part: str = "") -> str:
    """Of an answer to a question of law; `act` is empty for one that is the same under every law."""
    return "|".join(("answer", act, question, *([part] if part else [])))


def statement_key(about: str, language: str) -> str:
    """Of what the organisation says about something, in a language."""
    return f"statement|{about}|{language}"


def spoken_key(field: CaseField, language: str) -> str:
    """Of a text of the contact in a language."""
    return f"{field.key}.{language}"


def merged(base: Values, mine: Values, theirs: Values) -> Merged:
    """What whoever saw `base` and wrote `mine` changes in what stands by now."""
    changed = {key: value for key, value in mine.items() if value != base.get(key, "")}
    both = {
        key: (theirs.get(key, ""), value)
        for key, value in changed.items()
        if theirs.get(key, "") not in (base.get(key, ""), value)
    }
    return Merged(values=changed, both=both)


# -- read


def values_of(document: Document) -> Values:
    """Every value that a form has a place for. Times are written on the clock of the case."""
    zone = _zone(document)
    found = {"zone": str(document.get("zone", ""))}
    for field in _PLAIN.values():
        found |= _values_of_field(field, document.get(field.section, {}))
    for kind in EVENTS:
        event = next(_events(document, kind), {})
        found |= {f"{kind}.{part}": _shown(event.get(part, ""), zone) for part in _EVENT_PARTS}
    for each in document.get("answer", []):
        key = (str(each.get("law", "")), str(each.get("question", "")))
        found[answer_key(*key)] = "yes" if each.get("answer") else "no"
        found |= {answer_key(*key, part): str(each.get(part, "")) for part in ANSWER_PARTS}
    for about in ABOUT:
        said = next(_statements(document, about), {})
        found |= {
            statement_key(about, language): str(text) for language, text in said.get("text", {}).items()
        }
    for each in document.get("scope", []):
        if "version" in each:
            found[f"scope|{each['version']}"] = "yes"
    return {key: value for key, value in found.items() if value}


def _values_of_field(field: CaseField, table: Mapping[str, Any]) -> Values:
    value = table.get(field.name)
    if value is None:
        return {}
    if field.kind == "spoken":
        return {spoken_key(field, language): str(text) for language, text in value.items()}
    if field.kind == "many":
        return {field.key: ", ".join(map(str, value)) or "-"}
    return {field.key: str(value)}


def _zone(document: Mapping[str, Any]) -> tzinfo:
    try:
        return parse_zone(str(document.get("zone") or "UTC"))
    except WhosawError:
        return parse_zone("UTC")


def _shown(value: Any, zone: tzinfo) -> str:
    if isinstance(value, list):
        return " / ".join(_shown(each, zone) for each in value)
    if isinstance(value, datetime):
        return f"{value.astimezone(zone) if value.tzinfo else value:%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _events(document: Mapping[str, Any], kind: str) -> Iterator[Document]:
    return (each for each in document.get("event", []) if each.get("kind") == kind)


def _statements(document: Mapping[str, Any], about: str) -> Iterator[Document]:
    return (each for each in document.get("statement", []) if each.get("about") == about)


# -- written


def with_values(document: Document, values: Values, *, by: str) -> Document:
    """The document with other values; an empty one takes its key out. `by` stands where nobody says who answers or claims.

    Raises `WhosawError` for a time that is none.
    """
    made = deepcopy(document)
    if values.get("zone"):
        made["zone"] = values["zone"]
    zone = _zone(made)
    for key, value in values.items():
        if key in _PLAIN:
            _put(made.setdefault(_PLAIN[key].section, {}), _PLAIN[key], value)
        elif (field := _PLAIN.get(key.rpartition(".")[0])) is not None and field.kind == "spoken":
            table = made.setdefault(field.section, {}).setdefault(field.name, {})
            _set(table, key.rpartition(".")[2], value)
    for kind in EVENTS:
        _put_event(made, kind, {part: values.get(f"{kind}.{part}") for part in _EVENT_PARTS}, zone, by)
    _put_answers(made, values, by)
    _put_statements(made, values, by)
    _put_scopes(made, values)
    made = _without_empty(made)
    made.setdefault("zone", "UTC")
    made.setdefault("organisation", {})
    return made


def _set(table: Document, key: str, value: Any) -> None:
    if value in ("", None):
        table.pop(key, None)
    else:
        table[key] = value


def _put(table: Document, field: CaseField, value: str) -> None:
    if field.kind == "many" and value:
        parts = [] if value == "-" else [each.strip() for each in value.split(",") if each.strip()]
        table[field.name] = parts
    else:
        _set(table, field.name, value)


def _put_event(made: Document, kind: str, parts: Mapping[str, str | None], zone: tzinfo, by: str) -> None:
    """Change the first event of a kind; those that rival it stay."""
    given = {key: value for key, value in parts.items() if value is not None}
    if not given:
        return
    events = made.setdefault("event", [])
    event = next(_events(made, kind), None)
    if event is None:
        event = {"kind": kind}
        events.append(event)
    for key, value in given.items():
        _set(event, key, _moment(value, zone) if key == "at" and value else value)
    if "at" not in event:
        events.remove(event)
    else:
        event.setdefault("said_by", by)


def _moment(text: str, zone: tzinfo) -> Any:
    parts = [each.strip() for each in text.split(" / ")]
    if len(parts) == 2:
        return [_instant(each, zone) for each in parts]
    return _instant(text.strip(), zone)


def _instant(text: str, zone: tzinfo) -> date | datetime:
    try:
        if len(text) == len("2026-03-07"):
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise WhosawError(
            "case.time",
            f"{text!r} is no time",
            hint="Write it as 2026-03-07 17:00, or as 2026-03-07 where only the day is known",
        ) from fault
    return found if found.tzinfo else found.replace(tzinfo=zone).astimezone(_fixed(found, zone))


def _fixed(at: datetime, zone: tzinfo) -> tzinfo:
    """The offset of a zone at a time: TOML knows no zones."""
    offset = at.replace(tzinfo=zone).utcoffset()
    return zone if offset is None else timezone(offset)


def _put_answers(made: Document, values: Values, by: str) -> None:
    answers = made.setdefault("answer", [])
    for act, question in dict.fromkeys(
        (parts[1], parts[2])
        for parts in (key.split("|") for key in values)
        if parts[0] == "answer" and len(parts) > 2
    ):
        found = next(
            (each for each in answers if each.get("question") == question and each.get("law", "") == act),
            None,
        )
        said = values.get(answer_key(act, question))
        if said == "" and found is not None:
            answers.remove(found)
            continue
        if found is None:
            if said not in _YES:
                continue
            found = {"question": question, "answer": _YES[said], **({"law": act} if act else {})}
            answers.append(found)
        elif said in _YES:
            found["answer"] = _YES[said]
        for part in ANSWER_PARTS:
            if (given := values.get(answer_key(act, question, part))) is not None:
                _set(found, part, given)
        found.setdefault("by", by)
        if act:
            found.setdefault("found_by", "party")
        else:
            found.pop("found_by", None)


def _put_statements(made: Document, values: Values, by: str) -> None:
    said = made.setdefault("statement", [])
    for key, value in values.items():
        kind, _, rest = key.partition("|")
        if kind != "statement":
            continue
        about, _, language = rest.partition("|")
        found = next(_statements(made, about), None)
        if found is None:
            if not value:
                continue
            found = {"about": about, "said_by": made.get("organisation", {}).get("name") or by, "text": {}}
            said.append(found)
        _set(found["text"], language, value)
        if not found["text"]:
            said.remove(found)


def _put_scopes(made: Document, values: Values) -> None:
    scopes = made.setdefault("scope", [])
    for key, value in values.items():
        kind, _, number = key.partition("|")
        if kind != "scope" or not number.isdecimal():
            continue
        there = [each for each in scopes if each.get("version") == int(number)]
        if value == "yes" and not there:
            scopes.append({"version": int(number)})
        elif value != "yes":
            for each in there:
                scopes.remove(each)
    scopes.sort(key=lambda each: each.get("version", 0))


def _without_empty(made: Document) -> Document:
    def full(value: Any) -> bool:
        return not (isinstance(value, (Mapping, Sequence)) and not value)

    return {
        key: {name: each for name, each in value.items() if full(each) or isinstance(each, list)}
        if isinstance(value, dict)
        else value
        for key, value in made.items()
        if full(value)
    }
