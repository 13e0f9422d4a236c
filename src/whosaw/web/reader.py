"""Who reads: in which language, and on which clock. Both are in a cookie of the browser; a browser without one is asked which language it
prefers, and is told times in the zone of the project."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_zone

from .served import Came, served_by

__all__ = [
    "CATALOGUES",
    "COOKIE",
    "LANGUAGES",
    "AsItIs",
    "Reader",
    "clock",
    "country",
    "read_by",
    "reader_cookie",
    "words_of",
]

COOKIE: Final = "whosaw-reader"
CATALOGUES: Final = Path(__file__).parents[1] / "data" / "web" / "languages"
LANGUAGES: Final = {"en": "English", "ko": "한국어", "sw": "Kiswahili"}  # each by its own name
_LOCALES: Final = {"en": "en_GB", "ko": "ko_KR", "sw": "sw_KE"}


class AsItIs(str):
    """Markup of our own, as templates take it."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who reads pages: words, numbers and times are written as they are used to."""

    language: str
    zone_name: str = "UTC"
    words: NullTranslations = field(repr=False)
    zone: tzinfo = field(repr=False)

    @property
    def name(self) -> str:
        """The language by its own name."""
        return LANGUAGES[self.language]

    @property
    def in_english(self) -> str:
        """The attribute of what is said in English to somebody who reads another language."""
        return AsItIs("" if self.language == "en" else ' lang="en"')

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self.locale))

    def percent(self, part: float) -> str:
        return str(format_percent(part, locale=self.locale))

    def instant(self, at: datetime) -> str:
        """To the second, on the reader's clock, with the name of its zone."""
        local = at.astimezone(self.zone)
        return f"{format_datetime(local, 'medium', tzinfo=self.zone, locale=self.locale)} {local:%Z}".replace(
            "\u202f", " "
        )

    def written(self, at: datetime, *, parts: int) -> str:
        """A day and, with one or two parts behind its hour, a time of it, on the clock that they are on already."""
        if not parts:
            return str(format_date(at.date(), "medium", locale=self.locale))
        clock = format_time(at.time(), "medium" if parts > 1 else "short", locale=self.locale)
        return f"{format_date(at.date(), 'medium', locale=self.locale)} {clock}".replace("\u202f", " ")

    def day(self, at: datetime) -> str:
        return str(format_date(at.astimezone(self.zone).date(), "medium", locale=self.locale))

    def place(self, name: str) -> str:
        """A country by the name that it has in the language of the reader; empty for what is none, such as a state or a union."""
        return str(self.locale.territories.get(_countries().get(name, ""), ""))

    @property
    def locale(self) -> Locale:
        return _locale(self.language)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


def country(language: str, code: str) -> str:
    """A country by its code; empty for what is none."""
    return str(_locale(language).territories.get(code, "") if len(code) == 2 else "")


@cache
def _countries() -> dict[str, str]:
    """The code of each country by its English name."""
    return {str(name): code for code, name in _locale("en").territories.items() if len(code) == 2}


@cache
def words_of(language: str) -> NullTranslations:
    """The catalogue of a language, made ready from its text; English is what pages are written in."""
    if language == "en":
        return NullTranslations()
    packed = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as text:
        write_mo(packed, read_po(text, locale=language))
    packed.seek(0)
    return GNUTranslations(packed)


def read_by(came: Came) -> Reader:
    """The reader of this request."""
    language, _, zone_name = came.cookies.get(COOKIE, "").partition("|")
    if language not in LANGUAGES:
        asked = [
            each.partition(";")[0].strip() for each in came.headers.get("accept-language", "").split(",")
        ]
        language = negotiate_locale(asked, list(LANGUAGES), sep="-") or "en"
    zone_name = zone_name or served_by(came).zone
    try:
        zone = parse_zone(zone_name)
    except WhosawError:  # somebody wrote the cookie by hand
        zone_name, zone = "UTC", parse_zone("UTC")
    return Reader(language=language, zone_name=zone_name, words=words_of(language), zone=zone)


def clock(came: Came) -> tuple[tzinfo, str]:
    """The zone of whoever reads, and its name: pictures are drawn on it."""
    reader = read_by(came)
    return reader.zone, reader.zone_name


def reader_cookie(language: str, zone_name: str) -> dict[str, Any]:
    """What keeps a choice. Raises `WhosawError` for a language or a zone that there is not."""
    if language not in LANGUAGES:
        raise WhosawError(
            "reader.language", "pages are not written in that language", hint=", ".join(LANGUAGES)
        )
    parse_zone(zone_name)
    return {
        "key": COOKIE,
        "value": f"{language}|{zone_name}",
        "httponly": True,
        "samesite": "strict",
        "path": "/",
    }
