"""How values are written on pages, as their reader is used to."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from whosaw.core.counts import Count
from whosaw.core.instants import from_micros
from whosaw.core.ranges import Range
from whosaw.report.wording import reason_text

from .reader import Reader

__all__ = ["FILTERS", "with_words"]


def with_words(environment: Environment) -> None:
    """Let templates speak the language of their reader."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(FILTERS)


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
    "plain": _plain,
}
