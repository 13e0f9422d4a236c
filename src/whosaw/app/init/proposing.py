"""What a group of files seems to be: a format, one of its lines in columns, and what nobody uses of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from whosaw.app.reading.formats import in_units, written_at
from whosaw.app.settings import ScanSettings
from whosaw.core import client
from whosaw.core.instants import format_instant, parse_zone
from whosaw.core.masked import mask
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.detect_format import detect
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import Chunk, Content
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.meaning import meaning_of
from whosaw.ingest.seen_fields import seen_fields
from whosaw.mapping.path_shape import masked_text

__all__ = ["Proposal", "propose"]

_HEAD = 1 << 20
_ROWS = 2_000  # events in which the fields are looked for
_FILES = 12  # of a group are looked at
_LONGEST = 60  # characters of a value
_ANY = parse_zone("UTC")
_MASKED = (frozenset(client.SENT) - frozenset(client.CLEAR)) | {"object", "statement", "request_id"}
_HIDDEN = frozenset({"line", "offset", "fields", "query", "referer"})
_ORDER = ("time", "principal", "address", "method", "path", "status", "action", "object")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """How some files are read: `format` is None where none is known, `share` is the part of their lines that was understood.
    `line` is one event in columns, masked; `unused` are fields that no column takes. `time_only`: who, from where and what
    stand in none. `differ` names files that are of another format than most."""

    format: str | None
    share: float
    needs_zone: bool
    time_only: bool
    line: Mapping[str, str]
    unused: tuple[str, ...]
    differ: tuple[str, ...] = ()


def propose(contents: Sequence[Content], settings: ScanSettings) -> Proposal:
    """Look at some of the files, spread over the group, and say what most of them are."""
    step = max(1, len(contents) // _FILES)
    looked = [(content, _look(content, settings)) for content in contents[::step][:_FILES]]
    kinds = Counter(found.format for _, found in looked if found is not None)
    if not kinds:
        return Proposal(format=None, share=0.0, needs_zone=False, time_only=False, line={}, unused=())
    most, _ = max(kinds.items(), key=lambda each: (each[1], each[0] is not None, each[0] or ""))
    same = [found for _, found in looked if found is not None and found.format == most]
    best = max(same, key=lambda each: len(each.line))
    return Proposal(
        format=most,
        share=min(each.share for each in same),
        needs_zone=any(each.needs_zone for each in same),
        time_only=all(each.time_only for each in same),
        line=best.line,
        unused=tuple(dict.fromkeys(name for each in same for name in each.unused)),
        differ=tuple(content.name for content, found in looked if found is not None and found.format != most),
    )


def _look(content: Content, settings: ScanSettings) -> Proposal | None:
    """The same of one content; None where it has no line."""
    if holds_rows(content):
        return Proposal(format="events", share=1.0, needs_zone=False, time_only=False, line={}, unused=())
    with ContentReader(content, chunk_bytes=_HEAD) as reader:
        first = next(iter(reader), None)
    if first is None or not first.data.strip():
        return None
    guesses = detect(
        first.data, settings.formats, name=content.name, zone=settings.zone, year_hint=written_at(content)
    )
    if not guesses:
        seen = seen_fields(first.data)
        return Proposal(format=None, share=0.0, needs_zone=False, time_only=False, line={}, unused=seen.names)
    guess = guesses[0]
    events = _events(first, guess.item, content, settings)
    says = meaning_of(events, guess.item)
    return Proposal(
        format=guess.format_id,
        share=guess.read,
        needs_zone=guess.needs_zone,
        time_only=says.time_only,
        line=_in_columns(events),
        unused=_unused(events),
    )


def _events(first: Chunk, item: FormatItem, content: Content, settings: ScanSettings) -> pa.Table:
    """The events of the head of a content; where its times need a zone that is not known, any will do."""
    parser = build_parser(item, settings.zone or _ANY, written_at(content))
    tables = [parser.parse(chunk).events for chunk in in_units(iter([first]), first, parser)]
    return pa.concat_tables(tables, promote_options="default").slice(0, _ROWS) if tables else pa.table({})


def _in_columns(events: pa.Table) -> dict[str, str]:
    """The event that says most, in the order in which people ask, without what singles out a person."""
    if not events.num_rows:
        return {}
    row = max(
        events.slice(0, 200).to_pylist(), key=lambda each: sum(value is not None for value in each.values())
    )
    names = sorted(row, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return {name: _shown(name, row) for name in names if row[name] is not None and name not in _HIDDEN}


def _shown(name: str, row: Mapping[str, Any]) -> str:
    value = row[name]
    if name == "time":
        text = format_instant(value)
    elif name == "path":
        text = masked_text(str(value), row.get("query"))
    elif name in _MASKED:
        text = mask(str(value))
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _unused(events: pa.Table) -> tuple[str, ...]:
    """The names of fields that stand in the lines and in no column, the most frequent first."""
    if "fields" not in events.column_names:
        return ()
    names: Counter[str] = Counter()
    for text in events["fields"].cast(pa.string()).drop_null().to_pylist():
        names.update(_leaves(json.loads(text), ""))
    return tuple(name for name, _ in sorted(names.items(), key=lambda each: (-each[1], each[0])))


def _leaves(value: object, before: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{before}.{name}" if before else str(name))
    elif before:
        yield before
