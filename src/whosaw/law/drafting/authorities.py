"""The authorities that take filings, as items: which duties are owed to each, and the languages of its drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.law.account import DETAILS
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table

from .said_parts import PARTS

__all__ = ["LATE", "Authority", "FormSection", "find_authority", "load_authorities"]

LATE = "late"
"""Stands among the fields of a form where it asks for the reasons of a delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSection:
    """A heading of the form of an authority, with the details of the organisation and the parts of a filing that stand below it.

    Where the draft follows the form, `content` is what the law lists and this heading answers. Elsewhere it is what the form asks besides:
    `heading` "organisation" adds to that section, any other stands after what the law lists.
    """

    heading: str
    fields: tuple[str, ...]
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """`duties` and `supplements` are duties of law by the name that all their versions share; a supplement is owed for each new
    fact, once the duty was done. `languages` are those of the filing, the first one is taken where none is asked for, and
    `copies` those in which it can be read besides. `takes` names the language that the authority takes where no draft can be
    made in it (general knowledge, unverified). `led`: the authority of one country leads for all. `form` is what its form asks, and
    `form_source` where that was read; a note of every draft says so. `follows`: drafts go by the order and headings of the form, and what
    the law lists besides comes after it."""

    id: str
    place: str
    duties: tuple[str, ...]
    supplements: tuple[str, ...]
    languages: tuple[str, ...]
    copies: tuple[str, ...] = ()
    takes: str = ""
    led: bool = False
    form: tuple[FormSection, ...] = ()
    form_source: str = ""
    follows: bool = False


@cache
def load_authorities() -> Mapping[str, Authority]:
    """Every authority that is shipped, in id order. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found = [_authority(Table.of_item(file, faults)) for file in item_files([shipped("authorities")], faults)]
    if faults:
        raise FaultsError("items.invalid", faults)
    return {each.id: each for each in found}


def _authority(table: Table) -> Authority:
    found = Authority(
        id=table.name,
        place=table.text("place"),
        duties=table.texts("duties"),
        supplements=table.texts("supplements", required=False),
        languages=table.texts("languages", some=True),
        copies=table.texts("copies", required=False),
        takes=table.text("takes", required=False),
        led=table.flag("led"),
        form=tuple(_form(each) for each in table.tables("form")),
        form_source=table.text("form_source", required=table.has("form")),
        follows=table.flag("follows"),
    )
    table.rest_unknown()
    return found


def _form(table: Table) -> FormSection:
    found = FormSection(
        heading=table.text("heading"),
        fields=table.texts("fields", some=True, one_of=(*DETAILS, *PARTS, LATE)),
        content=table.text("content", required=False),
    )
    table.rest_unknown()
    return found


def find_authority(name: str) -> Authority:
    """Raises `WhosawError` with the known ones."""
    known = load_authorities()
    if name not in known:
        near = [each for each in known if each.partition("-")[0] == name.partition("-")[0]]
        raise WhosawError(
            "filing.authority",
            f"{name!r} is no authority that drafts are made for",
            hint=f"Known: {', '.join(near or known)}",
        )
    return known[name]
