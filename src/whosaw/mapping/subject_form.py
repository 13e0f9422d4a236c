"""Forms of identifiers, so that `007`, `+7` and `7.0` are the person 7 where a server reads numbers.

A value in the canonical spelling of its form is that person, surely. Any other is the person that a usual parser reads in it,
with the mark that this depends on the parser: such a view shows somebody, but whom is not sure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["FORMS", "Form", "forms_of", "pattern_fault", "proposed_form"]

FORMS: Final = ("integer", "uuid", "mail", "phone", "text")
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# what needs no reading; RE2 and Python understand these alike
_CANONICAL: Final[Mapping[str, str]] = {
    "integer": r"^(?:0|[1-9][0-9]*)$",
    "uuid": f"^{_UUID}$",
    "mail": r"^[^\s@<>]+@[^\sA-Z@<>]+$",
    "phone": r"^(?:\+|0?[1-9])[0-9]+$",
    "text": r"^\S(?:.*\S)?$",
}
_NUMBER = re.compile(r"[+]?(\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?)", re.IGNORECASE)
_BASES = ((re.compile(r"\+?0x([0-9a-f]+)", re.IGNORECASE), 16), (re.compile(r"\+?0b([01]+)", re.IGNORECASE), 2),
          (re.compile(r"\+?0o([0-7]+)", re.IGNORECASE), 8))  # fmt: skip
_FIRST = re.compile(r"[+]?(\d+)")
_LONGEST: Final = 64  # of a number; longer ones stay as they were sent
_NO = pa.scalar(value=False)
_SEPARATORS = re.compile(r"[\s().\-/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`name` is one of FORMS, or empty with a `pattern` (RE2) that whole values match. `country` is what stands for the 0 that
    begins a phone number at home, such as +254."""

    name: str = ""
    pattern: str = ""
    country: str = ""

    @classmethod
    def of_json(cls, told: Mapping[str, str] | None) -> Form | None:
        """From what `as_json` gave."""
        return None if told is None else cls(**told)

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "pattern": self.pattern, "country": self.country}

    def read(self, values: pa.Array) -> tuple[pa.Array, pa.Array]:
        """The values in canonical spelling, and which of them are not sure. Null and empty stay."""
        fits = pc.match_substring_regex(values, self._canonical)
        odd = pc.and_(
            pc.invert(pc.fill_null(fits, _NO)), pc.greater(pc.fill_null(pc.binary_length(values), 0), 0)
        )
        if not pc.any(odd, min_count=0).as_py():
            return values, odd
        coded = values.filter(odd).dictionary_encode()
        told = [self.one(each) for each in coded.dictionary.to_pylist()]
        texts = pa.array([text for text, _ in told], pa.string()).take(coded.indices)
        unsure = pa.array([doubt for _, doubt in told], pa.bool_()).take(coded.indices)
        return pc.replace_with_mask(values, odd, texts), pc.replace_with_mask(odd, odd, unsure)

    def one(self, value: str) -> tuple[str, bool]:
        """One value in canonical spelling, and whether that depends on who reads it."""
        if not value or self._is_canonical(value):
            return value, False
        plain = "".join(
            each
            for each in unicodedata.normalize("NFKC", value)
            if unicodedata.category(each) not in ("Cc", "Cf")
        ).strip()
        if self.name == "integer":
            return _integer(plain) or value, True
        if self.name == "uuid":
            return _uuid(value, plain)
        if self.name == "mail":
            local, at, domain = plain.strip("<>").removeprefix("mailto:").rpartition("@")
            return (f"{local}@{domain.lower()}", f"{local}{at}{domain}" != value) if at else (value, True)
        if self.name == "phone":
            return self._phone(value, plain)
        if self.pattern:
            for text in (plain, plain.upper(), plain.lower()):
                if self._is_canonical(text):
                    return text, True
            return value, True
        return plain or value, True

    def _is_canonical(self, text: str) -> bool:
        # $ of Python also stands before a closing line feed
        return not text.endswith("\n") and re.search(self._canonical, text) is not None

    @property
    def _canonical(self) -> str:
        if self.country:  # a number that begins with 0 is one at home
            return r"^\+?[1-9][0-9]+$"
        return f"^(?:{self.pattern})$" if self.pattern else _CANONICAL[self.name]

    def _phone(self, value: str, plain: str) -> tuple[str, bool]:
        digits = _SEPARATORS.sub("", plain)
        if digits.startswith("00"):
            digits = "+" + digits[2:]
        elif self.country and digits.startswith("0"):
            digits = self.country + digits[1:]
        # separators change no number; anything else may
        told = re.fullmatch(r"\+?\d+", digits) is not None
        return (digits, _SEPARATORS.sub("", value) != _SEPARATORS.sub("", plain)) if told else (value, True)


def _uuid(value: str, plain: str) -> tuple[str, bool]:
    bare = plain.casefold().removeprefix("urn:").removeprefix("uuid:").strip("{}").replace("-", "")
    if not re.fullmatch(r"[0-9a-f]{32}", bare):
        return value, True
    told = "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
    return told, value != told.upper()  # no reader of UUIDs minds their case


def _integer(plain: str) -> str | None:
    """The number that a usual parser reads, as text; None where none reads one."""
    for base, radix in _BASES:
        if found := base.fullmatch(plain[:_LONGEST]):
            return str(int(found[1], radix))
    whole = _NUMBER.fullmatch(plain) if len(plain) <= _LONGEST else None
    if whole is not None and (value := Fraction(whole[1].rstrip("."))).denominator == 1:
        return str(value.numerator)
    first = _FIRST.match(plain)
    return str(int(first[1])) if first is not None and len(first[1]) <= _LONGEST else None


def pattern_fault(pattern: str) -> str:
    """Why a pattern cannot be read; empty where it can, by both readers of it."""
    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, pa.ArrowInvalid) as fault:
        return str(fault)
    return ""


def proposed_form(values: pa.Array) -> str:
    """The form that nearly all of these values have in canonical spelling; empty where none is plain."""
    count = len(values)
    for name in ("integer", "uuid", "mail"):
        fits = pc.sum(
            pc.cast(pc.fill_null(pc.match_substring_regex(values, _CANONICAL[name]), _NO), pa.int64())
        )
        if count and (fits.as_py() or 0) >= 0.9 * count:
            return name
    return ""


def forms_of(routes: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Form, ...]]:
    """By kind of person, the forms that routes of the ledger read ids in."""
    found: dict[str, dict[Form, None]] = {}
    for body in routes:
        subject = body.get("subject", {})
        form = Form.of_json(subject.get("form"))
        if form is not None:
            found.setdefault(subject.get("kind") or "customer", {}).setdefault(form)
    return {kind: tuple(forms) for kind, forms in found.items()}
