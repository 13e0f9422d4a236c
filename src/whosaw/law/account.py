"""What only the organisation can tell people and authorities: whom to ask, what happened, what was done about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from whosaw.core.moments import Moment
from whosaw.packs.suggestion import did_you_mean
from whosaw.packs.table import Table

from .reading import read_moment

__all__ = ["ABOUT", "DETAILS", "Account", "Contact", "Statement", "read_account"]

ABOUT: Final[Mapping[str, str]] = {
    "circumstances": "what happened, as far as it is known",
    "awareness": "how the organisation became aware",
    "cause": "how it came about, and what failed",
    "consequences": "what it is likely to mean for the people",
    "measure-taken": "something that was done about it",
    "measure-planned": "something that will be done about it",
    "people-can-do": "something that a person can do against harm, beyond what the shipped notices say",
    "redress": "how a person gets help or compensation from the organisation",
    "intruder": "who got the data, where that is known and may be told",
    "late": "why a report or notice comes after its time",
    "chronology": "a step after the organisation became aware, with its time",
    "notice-plan": "how and when the people are told, or why they are not",
    "recovery": "what became of the data: found, deleted, or not known",
    "new-fact": "something that has become known since a report, with its time",
}
DETAILS: Final[Mapping[str, str]] = {
    "registration-number": "number under which the organisation is registered: of the business, or with the authority",
    "industry": "what kind of business it is",
    "representative": "who represents the organisation, by name",
    "seat": "its address",
    "officer-position": "position of the data protection officer",
    "handler": "who works on this report, by name",
    "handler-position": "position of who works on this report",
    "handler-telephone": "telephone of who works on this report",
    "encrypted": "whether the data were encrypted, and how",
    "sensitive": "whether sensitive data or unique identifiers are among them",
    "leak-path": "by which way the data got out",
    "incident-type": "what kind of incident it is, such as unauthorised access, malware or denial of service",
    "systems": "which systems were affected, with their addresses",
    "support-wanted": "whether help of the authority is asked for",
    "investigation-consent": "whether the organisation agrees to a further investigation",
    "kinds-of-people": "what kinds of people are affected, such as customers, staff or children",
    "processor": "which processor takes part, and what it does",
    "others-told": "which police, regulators and others were told",
    "other-countries": "which other countries are concerned",
    "safeguards": "which safeguards there were before",
    "breach-kind": "whether confidentiality, integrity or availability was breached",
    "cross-border": "whether people in several states are concerned, and which authority leads",
    "earlier-breaches": "what breaches there were before",
    "training": "whether the staff who take part were trained, and when",
}
"""What the form of an authority asks of the organisation besides what its law lists, by key."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing said by the organisation, in one or more languages (by BCP 47 tag). `when` is the time it speaks of, `line`
    where it stands in the case file."""

    about: str
    texts: Mapping[str, str]
    said_by: str
    when: Moment | None = None
    source: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """Where it stands."""
        line = "" if self.line is None else f", line {self.line}"
        return f"case file{line}: statement {self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask. `officer` is the data protection officer; `page` is where a person can see that a notice is real."""

    department: Mapping[str, str] = field(default_factory=dict)
    officer: str = ""
    telephone: str = ""
    email: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Everything of this kind in a case file. What is absent is not known; nothing has a default.

    `details` are what forms ask, by key of `DETAILS` and then by language; "" stands for every language. `names` are those of the organisation and of who claims what, by the name used in the case file and then by language.
    """

    contact: Contact | None = None
    statements: tuple[Statement, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def about(self, *kinds: str) -> tuple[Statement, ...]:
        return tuple(each for each in self.statements if each.about in kinds)

    def name(self, known_as: str, language: str) -> str:
        """A name as a language writes it; as the case file writes it where nothing is said of that language."""
        return self.names.get(known_as, {}).get(language, known_as)


def read_account(table: Table, zone: tzinfo) -> Account:
    """Of the top table of a case file: `[contact]`, `[[statement]]`, `[names]` and `[details]`. Every fault is noted with its line."""
    contact, names = table.table("contact"), table.table("names")
    return Account(
        contact=_contact(contact) if contact.values else None,
        statements=tuple(
            found for each in table.tables("statement") if (found := _statement(each, zone)) is not None
        ),
        names={each: _texts(names.table(each)) for each in list(names.values)},
        details=_details(table.table("details")),
    )


def _details(table: Table) -> dict[str, dict[str, str]]:
    found = {}
    for key, value in list(table.values.items()):
        if key not in DETAILS:
            table.raw(key)
            table.fault(
                f"no form asks for {key}",
                key,
                hint=f"{did_you_mean(key, DETAILS)} docs/reference/case-file.md lists them".strip(),
            )
            continue
        found[key] = _texts(table.table(key)) if isinstance(value, Mapping) else {"": table.text(key)}
    return found


def _contact(table: Table) -> Contact:
    found = Contact(
        department=_texts(table.table("department")),
        officer=table.text("officer", required=False),
        telephone=table.text("telephone", required=False),
        email=table.text("email", required=False),
        address=_texts(table.table("address")),
        hours=_texts(table.table("hours")),
        page=table.text("page", required=False),
    )
    if not (found.telephone or found.email):
        table.fault("a contact has a telephone or an email")
    table.rest_unknown()
    return found


def _texts(table: Table) -> dict[str, str]:
    """A text by language, such as `{ en = "Privacy office", ko = "개인정보보호팀" }`."""
    return {
        language: table.text(language) for language in list(table.values) if _is_language(table, language)
    }


def _is_language(table: Table, key: str) -> bool:
    if _LANGUAGE.match(key):
        return True
    table.raw(key)
    table.fault(f"{key!r} is no language", key, hint="Write a language like en, ko or sw")
    return False


def _statement(table: Table, zone: tzinfo) -> Statement | None:
    about = table.text("about", one_of=ABOUT)
    when = read_moment(table, "at", zone, required=about in ("chronology", "new-fact"))
    said_by, source = table.text("said_by"), table.text("source", required=False)
    text = table.table("text", required=True)
    texts = _texts(text)
    if table.has("text") and not texts:
        text.fault("says nothing", hint='Give it in a language, such as { en = "..." }')
    table.rest_unknown()
    if about not in ABOUT or not texts:
        return None
    line = table.file.line_of(*table.at)
    return Statement(about=about, texts=texts, said_by=said_by, when=when, source=source, line=line)
