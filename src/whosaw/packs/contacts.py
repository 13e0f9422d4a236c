"""One spelling of each contact: mail addresses, telephone numbers in E.164, and codes on paper, by the items in `data/contacts`.

What two people write of one contact has to be one text, whoever wrote it: an address book with full-width digits, a telephone with marks that
nobody sees, a keyboard that takes Hangul apart. All of it goes by columns, so that a nation's address book is read in minutes; a library that
looks at one number at a time needs most of an hour for it. Nothing here says whether a contact exists.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import Fault, FaultsError

from .items import item_files, shipped
from .table import Table

__all__ = [
    "KINDS",
    "Contact",
    "ContactItem",
    "canonical",
    "canonical_code",
    "contact_case_fault",
    "is_mail_address",
    "load_contacts",
    "read_contact",
    "read_contacts",
]

KINDS: Final = ("mail", "phone", "code")
_MAIL: Final = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$"
_LONGEST_MAIL: Final = 254  # RFC 5321, 4.5.3.1.3, less the brackets
_UNSEEN: Final = r"[\p{Cf}\p{Cc}\x{115F}\x{1160}\x{3164}]"  # marks of direction and width, and Hangul fillers
_BETWEEN: Final = r"[\p{Z}\p{Pd}().,/·•~ー]"  # what people write between digits
_TRUNK_SHOWN: Final = r"\(0\)"  # as in +44 (0)20 ...: not dialled behind the country code
_E164: Final = r"^[1-9][0-9]{7,14}$"
_LONGEST: Final = 400  # characters; a contact is never so long
_CODE: Final = "contacts.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCase:
    """What somebody wrote, in which country, and the one spelling of it; None: it is no contact."""

    given: str
    country: str
    gives: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactItem:
    """How contacts of one kind are spelled. Of telephone numbers: `code` is the one behind the plus, `trunk` the digits before a number inside
    the country, `significant` the rest (RE2), `abroad` the digits dialled before a country code, and `bare` whether numbers are written without
    trunk and plus, as a table program leaves them. `same` are domains of one mailbox, `confused` letters that are read for others."""

    id: str
    kind: str
    countries: tuple[str, ...] = ()
    code: str = ""
    trunk: str = ""
    significant: str = ""
    abroad: str = "00"
    bare: bool = False
    same: Mapping[str, str] = field(default_factory=dict)
    confused: Mapping[str, str] = field(default_factory=dict)
    letters: str = ""
    size: int = 0
    cases: tuple[ContactCase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact in its one spelling."""

    kind: str
    text: str = field(repr=False)

    @property
    def key(self) -> str:
        """What it is looked up by: a number and a mail address are never taken for one another."""
        return f"{self.kind}:{self.text}"


@cache
def load_contacts() -> Mapping[str, ContactItem]:
    """The shipped items by id. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found = {
        item.id: item
        for item in (
            _item(Table.of_item(each, faults, code=_CODE)) for each in item_files([_folder()], faults)
        )
    }
    if faults:
        raise FaultsError(_CODE, faults)
    return found


def _folder() -> Path:
    return shipped("contacts")


def _item(table: Table) -> ContactItem:
    kind = table.text("kind", one_of=KINDS)
    of_phone, of_code = kind == "phone", kind == "code"
    table.text("source")
    same = {each.text("domain"): each.text("is") for each in table.tables("same")} if kind == "mail" else {}
    confused = {each.text("read"): each.text("as") for each in table.tables("confused")} if of_code else {}
    item = ContactItem(
        id=table.text("id"),
        kind=kind,
        countries=table.texts("countries", some=True) if of_phone else (),
        code=table.text("code") if of_phone else "",
        trunk=table.text("trunk", required=False) if of_phone else "",
        significant=table.text("significant") if of_phone else "",
        abroad=(table.text("abroad", required=False) or "00") if of_phone else "00",
        bare=bool(table.flag("bare")) if of_phone else False,
        same=same,
        confused=confused,
        letters=table.text("letters") if of_code else "",
        size=table.integer("size") if of_code else 0,
        cases=tuple(_case(each) for each in table.tables("case", required=True)),
    )
    table.rest_unknown()
    return item


def _case(table: Table) -> ContactCase:
    gives = table.text("gives", required=False)
    case = ContactCase(
        given=str(table.take("given", str, "a text") or ""),
        country=table.text("country", required=False),
        gives=gives or None,
    )
    table.rest_unknown()
    return case


def contact_case_fault(item: ContactItem, case: ContactCase) -> str | None:
    """What is wrong with a case, in words; None where it holds."""
    found = canonical(item.kind, pa.array([case.given]), case.country or (item.countries[:1] or ("",))[0])[
        0
    ].as_py()
    if found == case.gives:
        return None
    return f"{case.given!r} gives {found!r} and not {case.gives!r}"


def is_mail_address(texts: pa.Array) -> pa.Array:
    """Which are addresses that a mail server without SMTPUTF8 takes (RFC 5321, dot-string and domain)."""
    plain = pc.and_(
        pc.match_substring_regex(texts, _MAIL), pc.invert(pc.match_substring_regex(texts, r"^\.|\.\.|\.@"))
    )
    short = pc.less_equal(pc.utf8_length(texts), _LONGEST_MAIL)
    return pc.fill_null(pc.and_(plain, short), False)  # noqa: FBT003  # a value


def canonical(kind: str, texts: pa.Array, country: str = "") -> pa.Array:
    """The one spelling of each text, null where it is no contact of this kind. `country` is where numbers without a country code are from
    (ISO 3166-1); without one only numbers with a code are known."""
    plain = texts.cast(pa.string())
    plain = pc.if_else(pc.less_equal(pc.utf8_length(plain), _LONGEST), plain, None)
    plain = pc.replace_substring_regex(pc.utf8_normalize(plain, form="NFKC"), _UNSEEN, "")
    spell: Callable[[pa.Array], pa.Array] = {"mail": _mail, "code": _paper_code}.get(
        kind, lambda given: _phone(given, country.upper())
    )
    return spell(plain)


def read_contacts(texts: Sequence[str], country: str = "") -> list[Contact | None]:
    """What people wrote: a mail address, or a number; None where it is neither. A hundred cost hardly more than one."""
    if not texts:
        return []
    told = pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string())
    by_kind = [(kind, canonical(kind, told, country).to_pylist()) for kind in ("mail", "phone")]
    return [
        next((Contact(kind=kind, text=found[at]) for kind, found in by_kind if found[at] is not None), None)
        for at in range(len(told))
    ]


def read_contact(text: str, country: str = "") -> Contact | None:
    """The same of one person."""
    return read_contacts([text], country)[0]


def canonical_code(text: str) -> str | None:
    """The one spelling of a code on paper, None where it is none."""
    found: str | None = canonical("code", pa.array([text.encode("utf-8", "replace").decode()]))[0].as_py()
    return found


def _mail(plain: pa.Array) -> pa.Array:
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(plain))
    lowered = pc.replace_substring_regex(lowered, "^mailto:", "")
    lowered = _each(lowered, pc.invert(pc.string_is_ascii(lowered)), _ascii_domain)
    lowered = pc.replace_substring_regex(lowered, r"\.$", "")
    for item in load_contacts().values():
        for domain, other in item.same.items():
            lowered = pc.replace_substring_regex(lowered, f"@{domain.replace('.', '[.]')}$", f"@{other}")
    return pc.if_else(is_mail_address(lowered), lowered, None)


def _ascii_domain(text: str) -> str:
    """Names of domains in other scripts as the name system has them (RFC 3490)."""
    local, at, domain = unicodedata.normalize("NFC", text).rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return text


def _phone(plain: pa.Array, country: str) -> pa.Array:
    digits = _each(plain, pc.invert(pc.string_is_ascii(plain)), _with_digits)
    abroad = pc.match_substring_regex(digits, r"^\s*(\+|00)")
    digits = pc.if_else(abroad, pc.replace_substring_regex(digits, _TRUNK_SHOWN, ""), digits)
    digits = pc.replace_substring_regex(digits, _BETWEEN, "")
    digits = pc.if_else(pc.match_substring_regex(digits, r"^\+?[0-9]{5,25}$"), digits, None)
    own = next((item for item in load_contacts().values() if country and country in item.countries), None)
    plus = pc.starts_with(digits, "+")
    out = pc.if_else(plus, _international(pc.replace_substring_regex(digits, r"^\+", "")), None)
    out_of = f"^(?:{own.abroad if own is not None else '00'})"
    dialled = pc.and_(pc.invert(plus), pc.match_substring_regex(digits, out_of))
    beyond = _international(pc.replace_substring_regex(pc.if_else(dialled, digits, None), out_of, ""))
    out = pc.coalesce(out, beyond)
    if own is not None:
        out = pc.coalesce(out, _national(pc.if_else(plus, None, digits), own))
    return out


def _national(digits: pa.Array, item: ContactItem) -> pa.Array:
    """As it is dialled inside of a country; else, where that is usual, as a table program left it: without the trunk, or without the plus."""
    forms = [f"^{item.trunk}({item.significant})$"]
    if item.bare:
        forms += [f"^({item.significant})$", f"^{item.code}({item.significant})$"]
    found = pa.nulls(len(digits), pa.string())
    for form in forms:
        found = pc.coalesce(found, _rest(digits, form))
    return pc.binary_join_element_wise(f"+{item.code}", found, "")


def _international(digits: pa.Array) -> pa.Array:
    """Digits behind the plus. Where the country is known the number has to fit it, and a trunk that was left in goes."""
    found = pa.nulls(len(digits), pa.string())
    known = pa.array([False] * len(digits))
    for item in load_contacts().values():
        if item.kind != "phone":
            continue
        here = pc.fill_null(pc.starts_with(digits, item.code), False)  # noqa: FBT003  # a value
        known = pc.or_(known, here)
        behind = pc.coalesce(
            _rest(digits, f"^{item.code}({item.significant})$"),
            _rest(digits, f"^{item.code}{item.trunk}({item.significant})$"),
        )
        found = pc.coalesce(found, pc.binary_join_element_wise(f"+{item.code}", behind, ""))
    other = pc.and_(pc.invert(known), pc.match_substring_regex(digits, _E164))
    return pc.coalesce(found, pc.if_else(other, pc.binary_join_element_wise("+", digits, ""), None))


def _paper_code(plain: pa.Array) -> pa.Array:
    (item,) = (each for each in load_contacts().values() if each.kind == "code")
    code = pc.utf8_upper(pc.replace_substring_regex(plain, _BETWEEN, ""))
    for read, letter in item.confused.items():
        code = pc.replace_substring(code, read, letter)
    whole = pc.match_substring_regex(code, f"^[{item.letters}]{{{item.size}}}$")
    return pc.if_else(whole, code, None)


def _rest(digits: pa.Array, form: str) -> pa.Array:
    """What stands in the group of a form, null where the form does not fit."""
    fits = pc.match_substring_regex(digits, form)
    return pc.if_else(fits, pc.replace_substring_regex(digits, form, r"\1"), None)


def _each(texts: pa.Array, where: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """The few texts that need to be looked at one by one."""
    if not pc.any(where).as_py():
        return texts
    told = texts.to_pylist()
    return pa.array(
        [
            change(text) if text is not None and odd else text
            for text, odd in zip(told, where.to_pylist(), strict=True)
        ],
        pa.string(),
    )


def _with_digits(text: str) -> str:
    """Digits of every script as the ten that are dialled."""
    return "".join(str(unicodedata.decimal(each, each)) for each in text)
