"""A format as a user names it: the id of an item, or a format string of his own.

`nginx:<log_format>`, `apache:<LogFormat>`, `syslog:<any of these>` are made here; other kinds of text are
handed to the structured formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from whosaw.core.errors import WhosawError

from .event_rows import EVENTS
from .format_item import FormatItem

__all__ = ["choose_format", "wrapped_in_syslog"]

_SYNTAX = ("nginx", "apache", "envoy")


def choose_format(text: str, formats: Mapping[str, FormatItem]) -> FormatItem:
    """The item for a `--format` text. Raises `WhosawError` with what is wrong."""
    if text in formats:
        return formats[text]
    if text == EVENTS.id:
        return EVENTS
    kind, colon, rest = text.partition(":")
    if colon and kind == "syslog":
        return wrapped_in_syslog(choose_format(rest, formats))
    if colon and kind in _SYNTAX:
        return _own_template(kind, rest.strip().strip("'"), text)
    if colon:
        from .structured import item_from_text

        return item_from_text(text, formats)
    close = ", ".join(sorted(formats))
    raise WhosawError(
        "format.unknown",
        f"there is no format {text!r}",
        hint=f"Known: {close}; or nginx:<log_format>, apache:<LogFormat>, json:<mapping>",
    )


def wrapped_in_syslog(item: FormatItem) -> FormatItem:
    """The same format inside the messages of syslog."""
    if item.table.get("header") == "syslog":
        raise WhosawError(
            "format.unknown", f"{item.id} reads the syslog header itself", hint=f"Use {item.id} alone"
        )
    return replace(item, id=f"syslog:{item.id}", wrapped=True)


def _own_template(syntax: str, template: str, text: str) -> FormatItem:
    from .template_item import read_table

    if not template:
        raise WhosawError(
            "format.unknown", f"{text!r} has no format string", hint=f"Write --format '{syntax}:<the string>'"
        )
    item = FormatItem(
        id=text,
        title=f"A format of your own ({syntax})",
        kind="template",
        source="given on the command line",
        table={"syntax": syntax, "template": template},
    )
    read_table(item)
    return item
