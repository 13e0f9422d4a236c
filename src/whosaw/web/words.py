"""How values are written on pages, as their reader is used to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from whosaw.core.counts import Count
from whosaw.core.duties import Run
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, parse_instant
from whosaw.core.moments import duration_text
from whosaw.core.ranges import Range
from whosaw.report.markup import tag
from whosaw.report.wording import reason_text

from .law_words import LAW_FILTERS
from .reader import AsItIs, Reader
from .sentences import sentence

__all__ = ["FILTERS", "SAID_BELOW", "left", "on_clock", "with_words"]

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def _words(text: str) -> str:
    """Marks words that are looked up in the language of whoever reads them."""
    return text


# what the use cases say in English and always in the same words; a test holds it against them
SAID_BELOW: Final = (
    _words("explained"), _words("unexplained"), _words("cannot tell"), _words("low"), _words("medium"), _words("high"),
    _words("nothing further found"), _words("the logs begin here"), _words("the logs end here"),
    _words("the report or notice is made"), _words("no report or notice is made"),
    _words("the report or notice is made after the time that the law sets"),
    _words("the numbers of this scope version are held to be final"), _words("the numbers of this scope version are not held to be final"),
)  # fmt: skip


def with_words(environment: Environment) -> None:
    """Let templates speak the language of their reader."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update({**FILTERS, **LAW_FILTERS})


@pass_context
def _gettext(context: Context, text: str) -> str:
    return _reader(context).words.gettext(text)


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int) -> str:
    return _reader(context).words.ngettext(one, many, number)


def _reader(context: Context) -> Reader:
    found: Reader = context["reader"]
    return found


@pass_context
def _instant(context: Context, at: datetime | int | None) -> str:
    reader = _reader(context)
    if at is None:
        return reader.words.gettext("cannot tell")
    return reader.instant(from_micros(at) if isinstance(at, int) else at)


@pass_context
def _number(context: Context, value: int) -> str:
    return _reader(context).number(value)


@pass_context
def _many(context: Context, value: int, unit: str) -> str:
    return _of_unit(_reader(context), _reader(context).number(value), unit, value)


def _of_unit(reader: Reader, shown: str, unit: str, value: int) -> str:
    """A number with what it counts; `value` decides between one and many."""
    ngettext = reader.words.ngettext
    words = {
        "persons": lambda: ngettext("%(shown)s person", "%(shown)s persons", value),
        "people": lambda: ngettext("%(shown)s person", "%(shown)s people", value),
        "accounts": lambda: ngettext("%(shown)s account", "%(shown)s accounts", value),
        "views": lambda: ngettext("%(shown)s view", "%(shown)s views", value),
        "clients": lambda: ngettext("%(shown)s client", "%(shown)s clients", value),
        "findings": lambda: ngettext("%(shown)s finding", "%(shown)s findings", value),
        "gaps": lambda: ngettext("%(shown)s gap", "%(shown)s gaps", value),
    }
    return words[unit]() % {"shown": shown}


@pass_context
def _count(context: Context, count: Count) -> str:
    """A count with its bounds in words."""
    reader = _reader(context)
    return _of_unit(reader, _bounds_of(reader, count.lower, count.upper), count.unit, count.upper or 2)


@pass_context
def _bare(context: Context, count: Count) -> str:
    """The same without its unit, for a column whose head names the unit."""
    return _bounds_of(_reader(context), count.lower, count.upper)


@pass_context
def _range(context: Context, bounds: Range) -> str:
    low, high = int(bounds.low), None if bounds.high is None else int(bounds.high)
    if high is None and not low:
        return _reader(context).words.gettext("cannot tell")
    return _bounds_of(_reader(context), low, high)


@pass_context
def _bounds(context: Context, bounds: tuple[int, int | None]) -> str:
    return _bounds_of(_reader(context), *bounds)


def _bounds_of(reader: Reader, low: int, high: int | None) -> str:
    if high is None:
        return reader.words.gettext("at least %(low)s") % {"low": reader.number(low)}
    if low == high:
        return reader.number(low)
    return reader.words.gettext("%(low)s to %(high)s") % {
        "low": reader.number(low),
        "high": reader.number(high),
    }


@pass_context
def _said(context: Context, text: str) -> str:
    """What a use case says in words that are always the same; other words are marked as the English that they are."""
    reader = _reader(context)
    if (told := sentence(reader, text)) is not None:
        return told
    return AsItIs(tag("span", on_clock(reader, text), lang="en"))


@pass_context
def _wording(context: Context, text: str) -> str:
    """The same without the mark, for an element that has the mark itself, of `english`."""
    reader = _reader(context)
    told = sentence(reader, text)
    return on_clock(reader, text) if told is None or reader.language == "en" else told


@pass_context
def _english(context: Context, text: str) -> str:
    """The mark of an element that holds nothing but this text: there where it has no words in the language of the reader."""
    reader = _reader(context)
    return AsItIs("") if sentence(reader, text) is not None else reader.in_english


@pass_context
def _on_clock(context: Context, text: str) -> str:
    return on_clock(_reader(context), text)


def on_clock(reader: Reader, text: str) -> str:
    """A stored sentence of English with its instants on the clock of the reader, as English writes them."""
    english = replace(reader, language="en")

    def told(found: re.Match[str]) -> str:
        try:
            return english.instant(parse_instant(found[0]))
        except (
            WhosawError,
            OverflowError,
        ):  # of a bundle that somebody else made: it looks like an instant, and is none
            return found[0]

    return _INSTANT.sub(told, text)


@pass_context
def _left(context: Context, run: Run) -> str:
    return left(_reader(context), run)


def left(reader: Reader, run: Run) -> str:
    """How a clock stands, without its times: what `Run.sentence` says, in the language of the reader."""
    gettext = reader.words.gettext
    taken = {"span": _span(reader, run.taken)}
    if run.status == "standing":
        return gettext("lasts since %(span)s") % taken
    done = gettext("done after %(span)s") % taken if run.made else ""
    if run.status == "no figure":
        none = gettext("the law gives no figure")
        done = done or gettext("not done after %(span)s") % taken
        return f"{done}; {none}"
    if run.by is None:
        why = gettext("depends on times that are not known closely enough")
        return f"{done}; {why}" if done else why
    words = {
        "in time": gettext("in time, %(span)s left"),
        "late": gettext("late by %(span)s"),
        "open": gettext("%(span)s left"),
        "overdue": gettext("overdue by %(span)s"),
    }[run.status] % {"span": _span(reader, run.by)}
    return f"{done}: {words}" if done else words


def _span(reader: Reader, seconds: tuple[int, int]) -> str:
    first, last = (_duration(reader, max(0, each)) for each in seconds)
    return (
        first if first == last else reader.words.gettext("%(low)s to %(high)s") % {"low": first, "high": last}
    )


def _duration(reader: Reader, seconds: int) -> str:
    gettext = reader.words.gettext
    value, unit = duration_text(seconds).split(" ")
    words = {"s": gettext("%(value)s s"), "min": gettext("%(value)s min"), "h": gettext("%(value)s h"), "days": gettext("%(value)s days")}  # fmt: skip
    return words[unit] % {"value": value}


@pass_context
def _percent(context: Context, part: float) -> str:
    return _reader(context).percent(part)


def _plain(text: str) -> str:
    """Characters that no one sees, or that turn a line round, as what they are."""
    hidden = ("Cc", "Cf", "Zl", "Zp")
    return "".join(f"\\u{ord(each):04x}" if unicodedata.category(each) in hidden else each for each in text)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "instant": _instant,
    "number": _number,
    "many": _many,
    "count": _count,
    "bare": _bare,
    "range": _range,
    "bounds": _bounds,
    "reason": reason_text,
    "percent": _percent,
    "said": _said,
    "wording": _wording,
    "english": _english,
    "on_clock": _on_clock,
    "left": _left,
    "plain": _plain,
}
