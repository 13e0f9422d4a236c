"""The parser of a format. Each kind is imported when a log is of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo

from whosaw.core.errors import WhosawError

from .format_item import FormatItem
from .parser import Parser

__all__ = ["build_parser", "needs_year"]


def build_parser(item: FormatItem, zone: tzinfo | None, year_hint: datetime | int | None) -> Parser:
    """The parser of a format. `zone` is for times without an offset (None: refuse them, unless the format
    has a zone of its own). `year_hint` is for times without a year: the moment the content was last written
    to, or the year in which it ends. Raises `FaultsError` for a faulty item and `WhosawError`
    `time.no-zone` where a zone is needed."""
    if item.behind is not None:
        from .behind import BehindProxies

        return BehindProxies(build_parser(replace(item, behind=None), zone, year_hint), item.behind, item.id)
    if item.second is not None:
        return _two_formats(item, item.second, zone, year_hint)
    if item.wrapped:
        inner = build_parser(replace(item, wrapped=""), zone, year_hint)
        as_json = item.kind == "json"
        if item.wrapped == "text":
            from .text_wrapper import TextWrapped

            return TextWrapped(inner, item.id, as_json=as_json, year_hint=year_hint)
        if item.wrapped != "syslog":
            from .container_wrapper import ContainerWrapped

            bare = item.table.get("header") == "syslog" and not item.generic
            return ContainerWrapped(inner, item.id, item.wrapped, as_json=as_json, as_syslog=bare)
        from .template.syslog_wrapper import SyslogWrapped

        return SyslogWrapped(inner, item.id)
    if item.kind == "template":
        from .template import parser as template

        return template.build(item, zone, year_hint)
    from .structured import parser as structured

    return structured.build(item, zone, year_hint.year if isinstance(year_hint, datetime) else year_hint)


def needs_year(item: FormatItem) -> bool:
    """Whether a parser of the format is of one content alone, because times without a year may have to get one."""
    if item.second is not None or item.wrapped:
        return True
    if item.kind != "template":
        return False  # these times carry their year
    from .template import parser as template

    return template.yearless(item)


def _two_formats(
    item: FormatItem, second: FormatItem, zone: tzinfo | None, year_hint: datetime | int | None
) -> Parser:
    """The parser of an item with a second one; of the first alone where the second needs a zone that is not there."""
    from .two_formats import TwoFormats, marks_of

    first = build_parser(replace(item, id=item.main_id, second=None), zone, year_hint)
    try:
        other = build_parser(second, zone, year_hint)
    except WhosawError as fault:
        if fault.code != "time.no-zone":
            raise
        return first
    return TwoFormats(first, other, marks_of(item) or (), item.id)
