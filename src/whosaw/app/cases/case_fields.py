"""What a new case asks a person for: each key of the case file with its question, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_zone
from whosaw.law.loading import load_law
from whosaw.law.scope_document import PLACE

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?")

_ROLES: Final = ("controller", "processor")
_PLACES: Final = (
    "organisation.established",
    "organisation.listed",
    "organisation.lead_authority",
    "people.unplaced",
)

__all__ = ["FIELDS", "CaseField", "given_fields"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseField:
    """One thing that only the organisation knows. `key` is section.name; `many`: several, separated by commas; `spoken`: a text of a
    language, given as key.en; `time` stands in TOML without quotes."""

    key: str
    asks: str
    example: str
    kind: Literal["text", "many", "time", "spoken"] = "text"

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        return self.key.rpartition(".")[2]


FIELDS: Final = (
    CaseField(key="zone", asks="Zone of days without a time", example="Africa/Nairobi"),
    CaseField(key="organisation.name", asks="Name of the organisation", example="Duka la Mfano"),
    CaseField(key="organisation.roles", asks="Its roles: controller, processor", example="controller", kind="many"),
    CaseField(key="organisation.sectors", asks="Its sectors", example="online-services", kind="many"),
    CaseField(key="organisation.established", asks="Countries or states where it is established", example="KE", kind="many"),
    CaseField(key="organisation.listed", asks="Countries where its shares are listed (none: a single -)", example="-", kind="many"),
    CaseField(key="organisation.lead_authority", asks="Country of its lead authority in the EU", example="IE"),
    CaseField(key="people.unplaced", asks="Country of the people whose country the ledger does not know", example="KE"),
    CaseField(key="people.because", asks="Why they are of that country", example="the shop delivers inside Kenya alone"),
    CaseField(key="aware.at", asks="When the organisation became aware of the breach", example="2026-03-07T17:00:00+03:00", kind="time"),
    CaseField(key="aware.said_by", asks="Who says so", example="Duka la Mfano"),
    CaseField(key="aware.evidence", asks="What shows it", example="e-mail from the host"),
    CaseField(key="contact.officer", asks="Data protection officer", example="Amina Wanjiru"),
    CaseField(key="contact.telephone", asks="Telephone number that people and authorities may call", example="+254 20 000 0000"),
    CaseField(key="contact.email", asks="Mail address that they may write to", example="privacy@example.org"),
    CaseField(key="contact.page", asks="Page where a person can see that a notice is real", example="https://example.org/notice"),
    CaseField(key="contact.department", asks="Department that answers", example="Privacy office", kind="spoken"),
    CaseField(key="contact.address", asks="Its address", example="1 Example Road, Nairobi", kind="spoken"),
    CaseField(key="contact.hours", asks="When it answers", example="Monday to Friday, 8:00 to 17:00", kind="spoken"),
)  # fmt: skip


def given_fields(given: Mapping[str, str]) -> dict[str, str]:
    """The values by key, blanks around them gone, empty ones left out. Raises `WhosawError` for a key that there is not."""
    found: dict[str, str] = {}
    for key, value in given.items():
        asked = next((each for each in FIELDS if key == each.key or _of_language(each, key)), None)
        if asked is None:
            known = ", ".join(f"{each.key}.en" if each.kind == "spoken" else each.key for each in FIELDS)
            raise WhosawError(
                "case.no-key", f"--set {key}: a new case has no such key", hint=f"Known: {known}"
            )
        if value.strip() and (fault := _fault(asked, value.strip())):
            raise WhosawError("case.bad-value", f"{key}: {fault}", hint=f"Such as {asked.example}")
        if value.strip():
            found[key] = value.strip()
    return found


def _of_language(field: CaseField, key: str) -> bool:
    return (
        field.kind == "spoken"
        and key.startswith(f"{field.key}.")
        and key.removeprefix(f"{field.key}.").isascii()
    )


def _fault(field: CaseField, value: str) -> str:
    """Why the case file would not take a value; empty where it would."""
    parts = (
        []
        if value == "-"
        else [each.strip() for each in value.split(",")]
        if field.kind == "many"
        else [value]
    )
    if field.kind == "time" and not _TIME.fullmatch(value):
        return f"{value!r} is no day and no time with its offset"
    if field.key == "zone":
        try:
            parse_zone(value)
        except WhosawError as fault:
            return fault.message
    if field.key == "organisation.roles" and (wrong := set(parts) - set(_ROLES)):
        return f"{min(wrong)!r} is none of {', '.join(_ROLES)}"
    if field.key == "organisation.sectors" and (wrong := set(parts) - (known := load_law().sectors.keys())):
        return f"{min(wrong)!r} is none of {', '.join(sorted(known))}"
    if field.key in _PLACES and (wrong := {each for each in parts if not PLACE.match(each)}):
        return f"{min(wrong)!r} is no country or state"
    return ""
