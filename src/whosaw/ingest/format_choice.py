"""A format as a user names it: the id of an item, or a format string of his own.

`nginx:<log_format>`, `apache:<LogFormat>`, `syslog:<any of these>`, `text:<any of these>` are made here; other kinds of text are
handed to the structured formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from whosaw.core.errors import WhosawError

from .behind import PREFIX, parted, read_behind
from .container_wrapper import Runtime
from .event_rows import EVENTS
from .format_item import FormatItem
from .structured.unfolding import is_path
from .two_formats import marks_of

__all__ = ["behind_text", "both_of", "choose_format", "fits_in_a_line", "wrapped_by", "wrapped_in_syslog"]

_ALONE = ("cri", "docker", "text")
_SYNTAX = ("nginx", "apache", "envoy")


def choose_format(text: str, formats: Mapping[str, FormatItem]) -> FormatItem:
    """The item for a `--format` text. Raises `WhosawError` with what is wrong."""
    if text in formats:
        return formats[text]
    if text == EVENTS.id:
        return EVENTS
    if (pair := _pair_of(text, formats)) is not None:
        return pair
    kind, colon, rest = text.partition(":")
    if colon and kind == PREFIX:
        return _behind_proxies(rest, text, formats)
    if colon and kind == "syslog":
        return wrapped_in_syslog(choose_format(rest, formats))
    if colon and kind in ("cri", "docker"):
        return wrapped_by(choose_format(rest, formats), "cri" if kind == "cri" else "docker")
    if colon and kind == "text":
        return behind_text(choose_format(rest, formats))
    if colon and kind in _SYNTAX:
        return _own_template(kind, rest.strip().strip("'"), text)
    if colon:
        from .structured.parser import item_from_text

        return item_from_text(text, formats)
    within = [each for each in sorted(formats) if text.lower() in each] if text else []
    near = list(dict.fromkeys((*within, *get_close_matches(text.lower(), sorted(formats), 3))))[:3]
    close = f"Did you mean {' or '.join(near)}? " if near else ""
    raise WhosawError(
        "format.unknown",
        f"there is no format {text!r}",
        hint=f"{close}`whosaw formats` lists them; or write nginx:<log_format>, apache:<LogFormat> or json:<mapping>",
    )


def _behind_proxies(rest: str, text: str, formats: Mapping[str, FormatItem]) -> FormatItem:
    """The same format with the address of whoever asked the proxies."""
    parts = parted(text)
    behind = read_behind(rest if parts is None else parts[0])
    if parts is None:
        raise WhosawError(
            "format.behind", f"{text!r} names no format", hint="Write it like behind:PROXIES=FIELD:FORMAT"
        )
    inner = choose_format(parts[1], formats)
    if inner.behind is not None:
        raise WhosawError("format.behind", f"{inner.id} says itself behind which proxies", hint="Say it once")
    table = {**inner.table, "assumes": behind.told}
    return replace(inner, id=f"{PREFIX}:{behind}:{inner.id}", behind=behind, table=table)


def both_of(main: FormatItem, second: FormatItem) -> FormatItem | None:
    """`main` with a second format for lines that are plainly not its own; None where these two cannot share a file."""
    if main.second is not None or second.second is not None or main.generic or marks_of(main) is None:
        return None
    if main.wrapped in _ALONE or second.wrapped in _ALONE:
        return None
    if "delimited" in (main.kind, second.kind):
        return None  # the lines of a table hang together
    return replace(main, id=f"{main.id}+{second.id}", second=second)


def _pair_of(text: str, formats: Mapping[str, FormatItem]) -> FormatItem | None:
    """The two formats of a name such as `caddy+jsonl`."""
    main, plus, second = text.partition("+")
    inner = main.removeprefix("syslog:")
    if not plus or inner not in formats or second not in formats:
        return None
    first = formats[inner]
    return both_of(first if inner == main else wrapped_in_syslog(first), formats[second])


def unfolds(item: FormatItem) -> bool:
    """Whether one line of it may hold several events, so that its events cannot be told by the lines that they stand in."""
    names = item.table.get("records", ())
    return item.kind == "json" and any(map(is_path, [names] if isinstance(names, str) else names))


def fits_in_a_line(item: FormatItem) -> bool:
    """Whether each of its events is one line, as the log of a container or the messages of syslog carry it."""
    return item.kind != "xml" and not unfolds(item) and not item.wrapped


def _check_fits(item: FormatItem, where: str) -> None:
    if item.wrapped:
        raise WhosawError(
            "format.unknown",
            f"{item.id} stands inside something else already, and is not read inside {where}",
            hint=f"Use {item.id} alone",
        )
    if not fits_in_a_line(item):
        raise WhosawError(
            "format.unknown",
            f"{item.id} is not read inside {where}, for its events are not one line each",
            hint="Take what is inside out of it first",
        )


def wrapped_in_syslog(item: FormatItem) -> FormatItem:
    """The same format inside the messages of syslog."""
    _check_fits(item, "the messages of syslog")
    if item.table.get("header") == "syslog":
        raise WhosawError(
            "format.unknown", f"{item.id} reads the syslog header itself", hint=f"Use {item.id} alone"
        )
    return replace(item, id=f"syslog:{item.id}", wrapped="syslog")


def wrapped_by(item: FormatItem, runtime: Runtime) -> FormatItem:
    """The same format in the log of a container."""
    _check_fits(item, "the log of a container")
    return replace(item, id=f"{runtime}:{item.id}", wrapped=runtime)


def behind_text(item: FormatItem) -> FormatItem:
    """The same format with text before each line: any text before JSON, what runners of programs write before others."""
    _check_fits(item, "lines that begin with text")
    return replace(item, id=f"text:{item.id}", wrapped="text")


def _own_template(syntax: str, template: str, text: str) -> FormatItem:
    from .template.item import read_table

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
