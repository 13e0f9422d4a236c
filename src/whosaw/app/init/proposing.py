"""What a group of files seems to be: a format, one of its lines in columns, and what nobody uses of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from whosaw.app.reading.drafts import head_of
from whosaw.app.reading.formats import in_units, written_at
from whosaw.app.settings import ScanSettings
from whosaw.core import client
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, parse_zone
from whosaw.core.masked import mask
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.detect_format import detect
from whosaw.ingest.drafts.propose import propose as propose_format
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import Chunk, Content
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import FormatItem, read_format
from whosaw.ingest.meaning import TIME_ONLY, meaning_of
from whosaw.ingest.seen_fields import seen_fields
from whosaw.ingest.understood import left_of, likely_who
from whosaw.mapping.path_shape import masked_text
from whosaw.packs.toml_file import parse_toml

__all__ = ["Proposal", "drafted", "propose", "sampled", "whole"]

_HEAD = 1 << 20
_LEFT = 1 << 17  # bytes in which fields are looked for that no column takes
_ROWS = 2_000  # events in which the fields are looked for
_FILES = 12  # of a group are looked at
_LONGEST = 60  # characters of a value
_ANY = parse_zone("UTC")
_MASKED = (frozenset(client.SENT) - frozenset(client.CLEAR)) | {"object", "statement", "request_id"}
_SAYS = ("principal", "address", "method", "path", "status", "action", "object", "ok")
_MORE = 1.1  # times as much a draft has to say, to go before a format that reads anything of its form
_HIDDEN = frozenset({"line", "ok", "offset", "fields", "query", "referer"})
_ORDER = ("time", "principal", "address", "method", "path", "status", "action", "object")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """How some files are read: `format` is None where none is known, `share` is the part of their lines that was understood.
    `line` is one event in columns, masked; `unused` are fields that no column takes. `time_only`: who, from where and what
    stand in none. `differ` names files that are of another format than most. `draft` is the item of a format that was drafted for
    them, and `perhaps` the columns of which it is not sure enough."""

    format: str | None
    share: float
    needs_zone: bool
    time_only: bool
    line: Mapping[str, str]
    unused: tuple[str, ...]
    differ: tuple[str, ...] = ()
    draft: str | None = field(default=None, metadata=told_as(if_known=True))
    perhaps: tuple[str, ...] = field(default=(), metadata=told_as(if_any=True))
    doubted: str = field(default="", metadata=told_as(if_any=True))
    """The format, if the day stands before the month in its times: nothing says which does."""


def propose(contents: Sequence[Content], settings: ScanSettings) -> Proposal:
    """Look at some of the files, spread over the group, and say what most of them are."""
    looked = [(content, _look(content, settings)) for content in _some(contents)]
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
        perhaps=tuple(dict.fromkeys(text for each in same for text in each.perhaps)),
        differ=tuple(content.name for content, found in looked if found is not None and found.format != most),
    )


def _some(contents: Sequence[Content]) -> Sequence[Content]:
    return contents[:: max(1, len(contents) // _FILES)][:_FILES]


def drafted(
    contents: Sequence[Content], settings: ScanSettings, known: Proposal, *, id_: str, day: date
) -> Proposal:
    """The same files by a format that is drafted from their values, where `known` is no format of a product and the draft says more
    of who did what from where; else `known`."""
    item = _item_of(known, settings)
    if known.format is not None and not known.time_only and not (item is not None and item.generic):
        return known
    looked = [each for each in _some(contents) if not holds_rows(each)]
    draft = propose_format([head for each in looked if (head := head_of(each))], day=day, id_=id_)
    if draft is None or not draft.text:
        return known if draft is None or known.format is not None else replace(known, doubted=draft.doubted)
    made = read_format(parse_toml(draft.text, name=f"{id_}.toml"))
    with ContentReader(looked[0], chunk_bytes=_HEAD) as reader:
        first = next(iter(reader), None)
    if first is None:
        return known
    events, share = _events(first, made, looked[0], settings)
    before = _events(first, item, looked[0], settings)[0] if item is not None else pa.table({})
    if _said(events) <= _said(before) * _MORE:
        return known
    return Proposal(
        format=id_,
        share=share,
        needs_zone=draft.needs_zone and settings.zone is None,
        time_only=meaning_of(events, made).time_only,
        line=_in_columns(events),
        unused=tuple(each.name for each in draft.unused),
        draft=draft.text,
        perhaps=tuple(f"{each.column} from {each.source}" for each in draft.perhaps),
    )


def _item_of(known: Proposal, settings: ScanSettings) -> FormatItem | None:
    """The format that was found, also one inside another; None where it is only drafted, or there is none."""
    if known.format is None or known.draft is not None:
        return None
    try:
        return choose_format(known.format, settings.formats)
    except WhosawError:
        return None


def whole(contents: Sequence[Content]) -> bool:
    """Whether `sampled` looks at all events of these: few files, and none of them large."""
    return len(contents) <= _FILES and all(
        not each.packing and each.size is not None and each.size <= _HEAD for each in contents
    )


def sampled(contents: Sequence[Content], settings: ScanSettings, known: Proposal) -> pa.Table | None:
    """The events in the heads of some of the files; None where their format or their zone is not known."""
    if known.format is None or (known.needs_zone and settings.zone is None):
        return None
    item = _item_of(known, settings)
    if item is None and known.draft is not None:
        item = read_format(parse_toml(known.draft, name=f"{known.format}.toml"))
    parts = []
    for content in _some(contents):
        if item is None or holds_rows(content):
            continue
        with ContentReader(content, chunk_bytes=_HEAD) as reader:
            first = next(iter(reader), None)
        if first is not None and (events := _events(first, item, content, settings)[0]).num_rows:
            parts.append(events)
    return pa.concat_tables(parts, promote_options="default") if parts else None


def _said(events: pa.Table) -> int:
    """How many values stand in the columns that say who did what from where, and whether it was done."""
    return sum(events.num_rows - events[name].null_count for name in _SAYS if name in events.column_names)


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
    events, _ = _events(first, guess.item, content, settings)
    says = meaning_of(events, guess.item)
    few = first.data if len(first.data) <= _LEFT else first.data[: first.data.rfind(b"\n", 0, _LEFT) + 1]
    unsaid = events.num_rows > 0 and says.who <= says.events * TIME_ONLY and not guess.item.generic
    likely = likely_who(few, guess.item) if unsaid else ""
    return Proposal(
        format=guess.format_id,
        share=guess.read,
        needs_zone=guess.needs_zone,
        time_only=says.time_only,
        line=_in_columns(events),
        unused=tuple(
            dict.fromkeys(
                (*_unused(events), *(each.name for each in left_of(few, guess.item) if not each.kept))
            )
        ),
        perhaps=(f"who did it: format = {json.dumps(likely)}",) if likely else (),
    )


def _events(
    first: Chunk, item: FormatItem, content: Content, settings: ScanSettings
) -> tuple[pa.Table, float]:
    """The events of the head of a content, and the part of its lines that they are; where its times need a zone that is not known,
    any will do."""
    parser = build_parser(item, settings.zone or _ANY, written_at(content))
    parsed = [(chunk, parser.parse(chunk)) for chunk in in_units(iter([first]), first, parser)]
    if not parsed:
        return pa.table({}), 0.0
    events = pa.concat_tables([each.events for _, each in parsed], promote_options="default")
    units = sum(chunk.lines if each.records is None else each.records for chunk, each in parsed)
    rest = sum(each.comments + each.continued for _, each in parsed)
    return events.slice(0, _ROWS), round(events.num_rows / max(1, units - rest), 4)


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
