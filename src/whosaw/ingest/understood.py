"""How a format understands some lines: what each column got, from which field, and which fields nothing took."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.core.masked import mask

from .build_parser import build_parser
from .canonical import CANONICAL
from .column_list import COLUMNS
from .container_wrapper import lines_in
from .drafts.guess import LEAST, guesses
from .drafts.masking import shown
from .drafts.records import leaves
from .drafts.values import columns_of
from .format_item import FormatItem
from .lines import count_lines, line_text
from .meaning import Meaning, meaning_of
from .parser import Parsed, Piece
from .structured.delimited import Layout
from .structured.documents import records_of as elements_of
from .structured.field_rules import Part, Source, parse_path, read_rules
from .structured.headers import plain_name
from .structured.json_records import OBJECTS, WHOLE, holds_records, records_of
from .structured.pairs import read_pairs
from .structured.quoting import split_record
from .structured.xml_records import line_as_json, name_of
from .template.item import read_table
from .text_wrapper import inside_of

__all__ = ["FieldLeft", "Understood", "UnderstoodColumn", "left_of", "likely_who", "understand"]

_NESTED = ("json", "xml")
_EXAMPLES = 3
_MOST_LEFT = 40
_PROBE = "~"  # stands in no name of a column
_MASKED = frozenset(each.name for each in COLUMNS if each.person) | {"object", "statement", "request_id"}
_SHAPED = frozenset({"path", "query", "referer"})
_REQUEST = frozenset({"method", "path", "query", "protocol"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderstoodColumn:
    """A column that got values: `sources` are the fields that gave them, most often first, as the format names them; `filled` is
    the part of the events that have one; `values` are those of the shown lines, what can be a person masked."""

    name: str
    sources: tuple[str, ...]
    filled: float
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLeft:
    """A field that no column takes. `kept` says whether it stays among the event's other values."""

    name: str
    filled: float
    kept: bool
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What became of the units of a sample; `shown` are the lines of the shown events."""

    units: int
    events: int
    rejects: int
    reasons: Mapping[str, int]
    says: Meaning
    shown: tuple[int, ...]
    columns: tuple[UnderstoodColumn, ...]
    left: tuple[FieldLeft, ...]


def understand(
    sample: bytes,
    item: FormatItem,
    *,
    zone: tzinfo | None,
    year_hint: datetime | None,
    shown_path: Callable[[str, str | None], str],
    most: int = 3,
) -> Understood:
    """How `item` understands the lines of a sample, `most` of them shown, from all over it; `shown_path` masks a path and its query.
    Raises `WhosawError` as its parser does."""
    parsed = _parse(sample, item, zone, year_hint)
    events = parsed.events
    at = (
        [step * events.num_rows // most for step in range(most)]
        if events.num_rows > most
        else list(range(events.num_rows))
    )
    main = replace(item if item.second is None else replace(item, id=item.main_id, second=None), behind=None)
    sources = {"ok": _success(main), **_sources(sample, main, zone, year_hint)}
    if item.behind is not None:
        sources["address"] = (f"{item.behind.field} behind {', '.join(item.behind.proxies)}",)
    columns = tuple(
        UnderstoodColumn(
            name=name,
            sources=sources.get(name, ()),
            filled=round(1 - events[name].null_count / events.num_rows, 3),
            values=tuple(_shown(name, events[name][row].as_py(), shown_path) for row in at),
        )
        for name in CANONICAL
        if name in events.column_names
        and name not in ("line", "offset")
        and events[name].null_count < events.num_rows
    )
    return Understood(
        units=events.num_rows + parsed.rejects.num_rows,
        events=events.num_rows,
        rejects=parsed.rejects.num_rows,
        reasons=dict(Counter(parsed.rejects["reason"].to_pylist()).most_common()),
        says=meaning_of(events, item),
        shown=tuple(events["line"][row].as_py() for row in at),
        columns=columns,
        left=left_of(sample, main),
    )


def _parse(sample: bytes, item: FormatItem, zone: tzinfo | None, year_hint: datetime | None) -> Parsed:
    return build_parser(item, zone, year_hint).parse(Piece(data=sample, lines=count_lines(sample)))


def _shown(name: str, value: object, shown_path: Callable[[str, str | None], str]) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return format_instant(value)
    text = str(value)
    if name in _SHAPED:
        return _masked_address(name, text, shown_path)
    if name == "fields":
        known = {key: shown(str(each)) for key, each in json.loads(text).items()}
        return json.dumps(known, ensure_ascii=False, sort_keys=True)
    return mask(text) if name in _MASKED else text


def _masked_address(name: str, text: str, shown_path: Callable[[str, str | None], str]) -> str:
    """A path, a query or the address of a page, masked; the host of the last stays."""
    if name == "query":
        return shown_path("", text).lstrip("/").removeprefix("?")
    scheme, far, rest = text.partition("://")
    if not far:
        return shown_path(text, None)
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{shown_path(slash + path, None) if slash else ''}"


def _sources(
    sample: bytes, item: FormatItem, zone: tzinfo | None, year_hint: datetime | None
) -> Mapping[str, tuple[str, ...]]:
    """For each column the fields that gave it values, most often first."""
    if item.kind == "template":
        return _slots(item)
    named = {
        name: [given] if isinstance(given, str) else list(given)
        for name, given in item.table.get("columns", {}).items()
    }
    # the same statement, with each source of a column as a field of its own
    probes = {f"{name}{_PROBE}{at}": source for name, each in named.items() for at, source in enumerate(each)}
    probe = replace(
        item,
        id=f"{item.id}{_PROBE}",
        table={**item.table, "fields": probes, "keep_rest": False}
        if item.kind == "delimited"
        else {**item.table, "fields": probes},
    )
    try:
        events = _parse(sample, probe, zone, year_hint).events
    except WhosawError:
        return {}
    if "fields" not in events.column_names:
        return {}
    counted: dict[str, Counter[str]] = {name: Counter() for name in named}
    for row, text in enumerate(events["fields"].to_pylist()):
        given = json.loads(text) if text else {}
        for name, each in named.items():
            if name in events.column_names and events[name][row].is_valid:
                first = next(
                    (source for at, source in enumerate(each) if f"{name}{_PROBE}{at}" in given), None
                )
                if first is not None:
                    counted[name][first] += 1
    return {
        name: tuple(source for source, _ in each.most_common(_EXAMPLES))
        for name, each in counted.items()
        if each
    }


def _success(item: FormatItem) -> tuple[str, ...]:
    """What says whether it succeeded, where that is no column of its own."""
    given = item.table.get("ok")
    rules = (
        [str(each.get("path")) for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    )
    return tuple(dict.fromkeys(rules)) or ("status",)


def _slots(item: FormatItem) -> Mapping[str, tuple[str, ...]]:
    """The places of a template that give each column."""
    table = read_table(item)
    found: dict[str, list[str]] = {}
    for rule in table.rules:
        for slot in rule.layout.slots:
            written = f"{{{slot.kind}:{slot.argument}}}" if slot.argument else f"{{{slot.kind}}}"
            names = {"request": sorted(_REQUEST), "uri": ["path", "query"], "duration": ["duration_us"], "peer": ["address"], "forwarded": ["address"],
                     "address_port": ["address"], "object_parent": ["object"], "field": ["fields"], "free": ["fields"], "rest": ["fields"],
                     "audit": ["action", "object", "statement", "rows"], "pairs": ["fields", *table.pairs.values()]}.get(slot.kind, [slot.kind])  # fmt: skip
            for name in names:
                found.setdefault(name, []).append(written)
        for name in rule.constants:
            found.setdefault(name, []).append("said by the format")
    if table.header == "syslog" or item.wrapped == "syslog":
        for name in ("time", "host"):
            found.setdefault(name, []).append("the header of syslog")
    return {name: tuple(dict.fromkeys(each)) for name, each in found.items() if name in CANONICAL}


def likely_who(sample: bytes, item: FormatItem) -> str:
    """The same format with who did it from a field that no column takes, as `--format` takes it, where the values of one look like that;
    else empty. For lines in which no column says who."""
    main = item if item.second is None else replace(item, id=item.main_id, second=None)
    free = {each.name for each in left_of(sample, main)}
    if not free or main.id != item.id or main.id.rpartition(":")[0] not in ("", main.wrapped):
        return ""
    found = guesses(columns_of(_rows(_inside(sample, main) if main.wrapped else sample, main)))
    for each in found:
        source = each.source
        if each.column == "principal" and each.confidence >= LEAST and free.issuperset(each.fields):
            return "" if "," in source or "=" in source else f"{main.id}:principal={source}"
    return ""


def left_of(sample: bytes, item: FormatItem) -> tuple[FieldLeft, ...]:
    """Fields of structured lines that no column takes, in the order in which they stand."""
    if item.kind == "template" or item.wrapped == "syslog":
        return ()
    if item.wrapped:
        sample = _inside(sample, item)
    rows = _rows(sample, item)
    rules = read_rules(item, paths=item.kind in _NESTED, extra=frozenset(item.table))
    form: Callable[[str], object] = (
        plain_name if item.kind == "delimited" else parse_path if item.kind in _NESTED else str
    )
    kept = {form(each) for each in _refs(rules.fields)}
    asked = {form(each) for each in (*_refs(rules.columns), *(rule.ref for rule in rules.ok))}
    asked |= {form(name) for name in rules.where}
    names = dict.fromkeys(name for row in rows for name in row)
    found = []
    for name in names:
        ref = form(name)
        if ref in asked:
            continue
        values = [row[name] for row in rows if name in row]
        found.append(
            FieldLeft(
                name=name,
                filled=round(len(values) / len(rows), 2),
                kept=ref in kept or (item.kind == "delimited" and bool(item.table.get("keep_rest"))),
                examples=tuple(dict.fromkeys(shown(value) for value in dict.fromkeys(values)))[:_EXAMPLES],
            )
        )
    return tuple(found[:_MOST_LEFT])


def _inside(sample: bytes, item: FormatItem) -> bytes:
    """The lines in what they stand in."""
    if item.wrapped in {"cri", "docker"}:
        return lines_in(sample, item.wrapped)
    texts = [line_text(line) for line in sample.split(b"\n") if line.strip()]
    return "".join(f"{text}\n" for text in inside_of(texts) or ()).encode()


def _refs(sources: Mapping[str, Sequence[Source]]) -> Iterator[str]:
    for each in sources.values():
        yield from (part.ref for source in each for part in source if isinstance(part, Part))


def _rows(sample: bytes, item: FormatItem) -> list[dict[str, str]]:
    """The named values of each unit; of one that cannot be taken apart none."""
    if item.kind == "delimited":
        return _table_rows(sample, Layout.read(item))
    if item.kind == "xml":
        return [row for text in _elements(sample, item) if (row := _named(text, "json"))]
    if item.kind == "json" and holds_records(sample, (*_names(item), WHOLE, OBJECTS)):
        texts = [line_text(record.line) for record in records_of(sample, (*_names(item), WHOLE, OBJECTS))]
    else:
        texts = [line_text(line) for line in sample.split(b"\n") if line.strip()]
    rows = [_named(text, item.kind) for text in texts]
    return [row for row in rows if row]


def _elements(sample: bytes, item: FormatItem) -> Iterator[str]:
    """The elements of XML, as objects of JSON."""
    element, lists = str(item.table["element"]), frozenset(item.table.get("lists", ()))
    for record in elements_of(sample, (name_of(element),)):
        if (text := line_as_json(record.text, element, lists)[0]) and not record.why:
            yield text


def _names(item: FormatItem) -> Sequence[str]:
    given = item.table.get("records", ())
    return [given] if isinstance(given, str) else list(given)


def _named(text: str, kind: str) -> dict[str, str]:
    if kind == "pairs":
        pairs = read_pairs(text)
        return {} if isinstance(pairs, str) else {name: value for name, value in pairs if value}
    try:
        value = json.loads(text, strict=False, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return {}
    return dict(leaves(value)) if isinstance(value, dict) else {}


def _table_rows(sample: bytes, layout: Layout) -> list[dict[str, str]]:
    text = sample.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "backslashreplace")
    lines = [line for line in text.splitlines() if line.strip()]
    names = layout.names
    if layout.style == "first-line" and lines:
        layout = layout.of_header(lines[0])
    if layout.style == "first-line" and lines:
        names = tuple(split_record(lines.pop(0), layout.delimiter, quoted=layout.quoted) or ())
    if layout.style in ("w3c", "zeek"):
        fields = next((line for line in lines if line.lower().startswith(("#fields:", "#fields\t"))), "")
        names = tuple(fields[8:].strip().split("\t" if layout.style == "zeek" else None))
        lines = [line for line in lines if not line.startswith("#")]
    try:
        rows = list(csv.reader(lines, delimiter=layout.delimiter))
    except csv.Error:
        rows = []
    return [
        {name: cell for name, cell in zip(names or (), row, strict=False) if cell not in ("", "-")}
        for row in rows
    ]
