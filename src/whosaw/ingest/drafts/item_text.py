"""The TOML of a drafted item, with cases of its own in which every value is invented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.canonical import column_or_null
from whosaw.ingest.container_wrapper import NO_HEADER
from whosaw.ingest.format_item import FormatItem, Wrapper
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece
from whosaw.ingest.structured.field_rules import parse_path
from whosaw.ingest.text_wrapper import AFTER, BEFORE

from .guess import Guess
from .masking import PathWords, invented
from .records import Records
from .values import Values

__all__ = ["item_text"]

_ZONE = "UTC"  # in which the case of a layout without offsets is read
_MOST_REQUIRED = 4
_MOST_TRIED = 20
_RESULT = frozenset({"status", "ok"})
_WHAT = frozenset({"object", "path"})
_DONE = (
    "",
    "# No field says whether it succeeded: each line is taken for done. Take this out where what was refused is logged, too.",
    "[[ok]]",
    'path = "error"',
    "absent = true",
)
_SOME_TIME = "2025-03-03T09:00:00.000000000Z"
_SKIPPED = frozenset({"line", "offset", "fields"})


def item_text(
    records: Records,
    fields: Sequence[Values],
    columns: Sequence[Guess],
    perhaps: Sequence[Guess],
    *,
    id_: str,
    title: str,
    source: str,
    day: date,
    needs_zone: bool,
) -> str:
    """The file of the item. Raises nothing for any records: what cannot be written down safely is left out of the cases."""
    table = _table(records, fields, columns, perhaps)
    title, source = (
        title or f"Own layout ({records.shape})",
        source or "drafted from the log itself; read it before you rely on it",
    )
    case = _Case(records, fields, columns, table)
    item = FormatItem(
        id=id_, title=title, kind=records.shape, source=source, table=table, wrapped=records.inside
    )
    lines = [
        f"id = {_text(id_)}",
        f"title = {_text(title)}",
        f'kind = "{records.shape}"',
        f"source = {_text(source)}",
        f"checked = {day.isoformat()}",
        *([f"inside = {_text(records.inside)}"] if records.inside else []),
        *(
            f"{name} = {_value(table[name])}"
            for name in ("records", "delimiter", "header", "names", "quoted", "keep_rest", "require")
            if name in table
        ),
        *(
            ['# Times have no offset: say the zone with --tz, or here: zone = "Africa/Nairobi"']
            if needs_zone
            else []
        ),
        "",
        "# What each column stands on, and how sure that is.",
        "[columns]",
        *(f"{each.column} = {_text(each.source)}  # {each.confidence:.0%}" for each in columns),
        *(f"# {each.column} = {_text(each.source)}  # perhaps: {each.confidence:.0%}" for each in perhaps),
        *(_DONE if "ok" in table else ()),
        "",
        "# All values of the cases are invented.",
        *case.good(item),
        *case.without_time(),
    ]
    return "\n".join(lines) + "\n"


def _table(
    records: Records, fields: Sequence[Values], columns: Sequence[Guess], perhaps: Sequence[Guess]
) -> dict[str, Any]:
    """The keys of the item that rule how it is read."""
    table: dict[str, Any] = {}
    if records.shape == "delimited":
        table |= {"delimiter": records.delimiter, "header": "first-line" if records.header else "none"}
        table |= {} if records.header else {"names": list(records.names)}
        table |= {"quoted": True, "keep_rest": True}
    held = [name for name in (records.document, records.path) if name]
    table |= {"records": held} if held else {}
    always = {each.name for each in fields if each.filled == 1.0}
    if records.shape != "delimited":
        sure = [name for each in columns for name in each.fields if name in always and each.column != "time"]
        table["require"] = list(dict.fromkeys(sure))[:_MOST_REQUIRED]
        if not table["require"]:
            del table["require"]
    table["columns"] = {each.column: each.source for each in columns}
    told = {each.column for each in (*columns, *perhaps)}
    # a request that is logged without its answer may have been refused; a record of what was done says that it was
    if _WHAT & set(table["columns"]) and not told & {*_RESULT, "method"}:
        table["ok"] = [{"path": "error", "absent": True}]
    return table


@dataclass(frozen=True, slots=True)
class _Case:
    """A record with all used fields, of which each value is invented."""

    records: Records
    fields: Sequence[Values]
    columns: Sequence[Guess]
    table: Mapping[str, Any]

    def good(self, item: FormatItem) -> list[str]:
        """A record that is an event; none where no record that was tried is one."""
        for row in self._likely():
            lines = self._lines(self._invented(row))
            found = self._read(item, lines)
            expect = {
                name: value
                for name, value in found.items()
                if value is not None and (name in self.table["columns"] or name == "ok")
            }
            if expect:
                told = ", ".join(f"{name} = {_value(value)}" for name, value in expect.items())
                zone = [f'zone = "{_ZONE}"'] if self._naive() else []
                return ["[[case]]", *self._written(lines), *zone, f"expect = {{ {told} }}", ""]
        return []

    def without_time(self) -> list[str]:
        """A record that lacks its time."""
        times = {name for each in self.columns if each.column == "time" for name in each.fields}
        whole = self._invented(self._likely()[0])
        values = {name: value for name, value in whole.items() if name not in times}
        if self.records.inside in ("cri", "docker") and any(name.startswith(f"{BEFORE}.") for name in times):
            # a container always says a time: what is not of one is a reject
            line = json.dumps(_nested(values), ensure_ascii=False, separators=(",", ":"))
            return ["[[case]]", *self._written([line]), f"reject = {_text(NO_HEADER)}"]
        return ["[[case]]", *self._written(self._lines(values)), 'reject = "no time"']

    def _likely(self) -> list[Mapping[str, str]]:
        """Records with their time and most of the other used fields, the fullest first."""
        used = [name for each in self.columns for name in each.fields]
        times = [name for each in self.columns if each.column == "time" for name in each.fields]
        return sorted(
            self.records.rows,
            key=lambda one: (all(name in one for name in times), sum(name in one for name in used)),
            reverse=True,
        )[:_MOST_TRIED]

    def _naive(self) -> bool:
        times = {name for each in self.columns if each.column == "time" for name in each.fields}
        return any(each.naive or len(times) > 1 for each in self.fields if each.name in times)

    def _invented(self, row: Mapping[str, str]) -> dict[str, str]:
        paths = PathWords(
            value
            for each in self.columns
            if each.column in ("path", "query")
            for one in self.records.rows
            for name in each.fields
            if (value := one.get(name))
        )
        made: dict[str, str] = {}
        for each in self.columns:
            for name in each.fields:
                if name in row:
                    column = (
                        "request"
                        if "|method" in each.source or "|target" in each.source or "|protocol" in each.source
                        else each.column
                    )
                    made.setdefault(name, invented(column, row[name], paths))
        return made

    def _lines(self, values: Mapping[str, str]) -> list[str]:
        if self.records.shape == "json":
            whole = _in_lists(_nested(values), self.records.path)
            before, after = (whole.pop(name, {}) for name in (BEFORE, AFTER))
            line = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
            return [_inside(line, self.records.inside, before, after)]
        if self.records.shape == "pairs":
            words = [values[name] for name in sorted(values) if name.startswith("word_")]
            # a word that is asked for keeps its place behind those that are not
            return [
                " ".join(
                    [
                        *_words(values, len(words)),
                        *(
                            f"{name}={_quoted(value)}"
                            for name, value in values.items()
                            if not name.startswith("word_")
                        ),
                    ]
                )
            ]
        cells = [values.get(name, "") for name in self.records.names]
        lines = [_row(self.records.names, self.records.delimiter)] if self.records.header else []
        return [*lines, _row(cells, self.records.delimiter)]

    def _written(self, lines: Sequence[str]) -> list[str]:
        comments = ["comments = 1"] if self.records.header else []
        return [
            f"lines = [{', '.join(map(_text, lines))}]" if len(lines) > 1 else f"line = {_text(lines[0])}",
            *comments,
        ]

    def _read(self, item: FormatItem, lines: Sequence[str]) -> dict[str, object]:
        data = "".join(f"{line}\n" for line in lines).encode()
        events = (
            build_parser(item, parse_zone(_ZONE), None)
            .parse(Piece(data=data, lines=count_lines(data)))
            .events
        )
        return {
            name: column_or_null(events, name)[0].as_py()
            for name in events.column_names
            if events.num_rows and name not in _SKIPPED
        }


def _inside(line: str, wrapper: Wrapper, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """A line of JSON inside of what it stands in."""
    if wrapper == "docker":
        entry = {"log": f"{line}\n", "stream": "stdout", "time": before.get("time", _SOME_TIME)}
        return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    if wrapper == "cri":
        return f"{before.get('time', _SOME_TIME)} stdout F {line}"
    if wrapper != "text":
        return line
    told = " ".join(before[name] for name in ("time", "level") if name in before)
    tag = f"[{before['tag']}] " if "tag" in before else ""
    behind = f" {json.dumps(after, ensure_ascii=False)}" if after else ""
    return f"{told} {tag}{before.get('message', 'app')}: {line}{behind}".lstrip()


def _words(values: Mapping[str, str], count: int) -> Iterable[str]:
    """The words before the first pair, with a dash in the place of each that the case does without."""
    if not count:
        return []
    last = max(int(name[5:]) for name in values if name.startswith("word_"))
    words = [values.get(f"word_{number}", "-") for number in range(1, last + 1)]
    return [f"[{word}]" if " " in word else word for word in words]


def _nested(values: Mapping[str, str]) -> Any:
    """An object in which each value stands at its path."""
    whole: dict[str, Any] = {}
    for path, value in values.items():
        steps = parse_path(path)
        at: Any = whole
        for step, after in zip(steps, (*steps[1:], None), strict=True):
            made: Any = value if after is None else [] if isinstance(after, int) else {}
            if isinstance(step, int):
                at.extend([made] if len(at) <= step else [])
                at = at[step]
            else:
                at = at.setdefault(step, made)
    return whole


def _in_lists(value: Any, path: str) -> Any:
    """An object in which what stands at each list of a path is a list of it."""
    before, _, after = path.partition("[]")
    *above, last = before.strip(".").split(".")
    at = value
    for name in above:
        at = at.get(name, {})
    if path and last in at:
        at[last] = [_in_lists(at[last], after)]
    return value


def _quoted(value: str) -> str:
    plain = value and not any(char in value for char in ' "=,;|\t')
    return value if plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _row(cells: Sequence[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
    return out.getvalue()


def _text(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value) if isinstance(value, int | float) else _text(str(value))
