"""Formats as items: one TOML file each, with its source, the date of the last check, and its own cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, Literal, ParamSpec, TypeVar

from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.packs.table import Table
from whosaw.packs.toml_file import TomlFile, load_toml, parse_toml

from .behind import Behind, read_behind
from .canonical import CANONICAL

__all__ = [
    "INSIDE",
    "KINDS",
    "Case",
    "FormatItem",
    "load_format",
    "load_formats",
    "once_for_item",
    "read_format",
    "shipped_formats",
]

KINDS = ("template", "json", "xml", "delimited", "pairs")
Given = ParamSpec("Given")
Made = TypeVar("Made")
_MOST_KEPT = 512  # tables; own formats may come and go in a long watch
Wrapper = Literal["", "syslog", "cri", "docker", "text"]
INSIDE: Final[tuple[Wrapper, ...]] = ("syslog", "cri", "docker", "text")
"""What the lines of a format may stand inside of, as an item or a text says it."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_COMMON = frozenset({"id", "title", "kind", "source", "checked", "case", "retired", "inside", "behind"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Lines and what must become of them.

    `expect` holds the columns of each event in order; `null` names columns that must be null in all of them.
    `rejects` are the reasons in order. Blank and comment lines and continued lines are counted.
    """

    text: str
    expect: tuple[Mapping[str, object], ...] = ()
    null: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    comments: int = 0
    continued: int = 0
    zone: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatItem:
    """One format. `table` holds the keys that only its kind understands; its builder checks them. A
    `wrapped` one stands inside the messages of syslog, in the log of a container, or behind text. `second` reads lines that are plainly not of this one.
    `behind` says of which proxies' lines the address stands in a field."""

    id: str
    title: str
    kind: str
    source: str
    checked: date | None = None
    cases: tuple[Case, ...] = ()
    table: Mapping[str, Any] = field(default_factory=dict)
    file: TomlFile | None = None
    wrapped: Wrapper = ""
    second: FormatItem | None = None
    behind: Behind | None = None

    @property
    def generic(self) -> bool:
        """Whether this is the format of no product, which reads whatever has the form."""
        return bool(self.table.get("generic")) and self.second is None

    @property
    def main_id(self) -> str:
        """The id without that of the second format."""
        return self.id if self.second is None else self.id.removesuffix(f"+{self.second.id}")

    def fault(self, code: str, message: str, *path: str | int, hint: str = "") -> Fault:
        """A fault at `path` of the item's file, or of the item where there is no file."""
        if self.file is not None:
            return self.file.fault(code, message, *path, item=self.id, hint=hint)
        return Fault(code=code, message=message, where=Where(item=self.id), hint=hint)

    def reader(self, code: str, faults: list[Fault]) -> Table:
        """Takes values out of the keys that only its kind understands."""
        file = parse_toml("", name="") if self.file is None else self.file
        return replace(Table.top(file, faults, code=code, item=self.id), values=dict(self.table))


def once_for_item(
    read: Callable[Concatenate[FormatItem, Given], Made],
) -> Callable[Concatenate[FormatItem, Given], Made]:
    """`read`, which is asked once for each table of an item and for what else is given: what it makes stands as long as the process."""
    known: dict[tuple[object, ...], tuple[Mapping[str, Any], Made]] = {}

    @wraps(read)
    def made(item: FormatItem, /, *given: Given.args, **named: Given.kwargs) -> Made:
        key = (id(item.table), item.id, given, tuple(sorted(named.items())))
        found = known.get(key)
        if found is None:  # the table is kept too: no other one gets its number
            if len(known) >= _MOST_KEPT:
                known.clear()
            found = known[key] = item.table, read(item, *given, **named)
        return found[1]

    return made


def shipped_formats() -> Path:
    """The folder of the formats that come with whosaw."""
    return Path(__file__).resolve().parent.parent / "data" / "formats"


def load_formats(dirs: Iterable[Path]) -> dict[str, FormatItem]:
    """All items of all folders by id, in id order. Every fault of every file is raised at once."""
    items: dict[str, FormatItem] = {}
    faults: list[Fault] = []
    for folder in dirs:
        for path in sorted(folder.glob("*.toml")):
            try:
                item = load_format(path)
            except FaultsError as fault:
                faults.extend(fault.faults)
                continue
            if item.id in items:
                faults.append(
                    item.fault("format.twice", f"the id {item.id} is used by another file too", "id")
                )
            items[item.id] = item
    if faults:
        raise FaultsError("format.invalid", faults)
    return dict(sorted(items.items()))


def load_format(path: Path) -> FormatItem:
    """One item. Raises `FaultsError` with every fault of the parts that all kinds share."""
    return read_format(load_toml(path))


def read_format(file: TomlFile) -> FormatItem:
    """The same of a file that was opened."""
    path = Path(file.name)
    faults: list[Fault] = []
    given = file.data.get("id")
    item_id = given if isinstance(given, str) else path.stem
    table = Table.top(file, faults, code="format.invalid", item=item_id)
    if given != path.stem or not _ID.match(path.stem):
        message = f"id must be the file name without .toml, in lower case with hyphens ({path.stem})"
        table.fault(message, "id", code="format.id")
    title = table.under("format.title").text("title")
    source = table.under("format.source").text("source")
    kind = table.under("format.kind").text("kind", one_of=KINDS)
    inside = table.under("format.inside").optional_text("inside", one_of=INSIDE)
    behind = _behind(table.under("format.behind"))
    checked = table.under("format.checked").day("checked")
    tables = table.under("format.no-case").tables("case", required=True)
    cases = tuple(_case(each.under("format.case")) for each in tables)
    if faults:
        raise FaultsError("format.invalid", faults)
    return FormatItem(
        id=item_id,
        title=title,
        kind=kind,
        source=source,
        checked=checked,
        cases=cases,
        table={name: value for name, value in file.data.items() if name not in _COMMON},
        file=file,
        wrapped=_wrapper(inside),
        behind=behind,
    )


def _behind(table: Table) -> Behind | None:
    text = table.optional_text("behind")
    try:
        return None if text is None else read_behind(text)
    except WhosawError as wrong:
        table.fault(wrong.message, "behind", hint=wrong.hint)
        return None


def _wrapper(name: str | None) -> Wrapper:
    return next((each for each in INSIDE if each == name), "")


def _case(table: Table) -> Case:
    expect = table.take("expect", (dict, list), "a table or a list of tables", required=False) or []
    expect = [expect] if isinstance(expect, dict) else expect
    if not all(isinstance(one, dict) for one in expect):
        table.fault("expect must be a table or a list of tables", "expect")
        expect = []
    null = table.texts("null", required=False)
    for name in sorted({name for one in expect for name in one} | set(null)):
        if name not in CANONICAL:
            table.fault(f"{name} is not a canonical column", "expect")
    reject = table.optional_text("reject")
    rejects = _lines(table, "rejects") if reject is None else (reject,)
    found = Case(
        text=_case_text(table),
        expect=tuple(expect),
        null=null,
        rejects=rejects,
        comments=table.integer("comments", least=0, default=0),
        continued=table.integer("continued", least=0, default=0),
        zone=table.optional_text("zone"),
        year=table.integer("year", most=9999, default=None),
    )
    if not expect and not rejects and not found.comments:
        table.fault("a case needs expect, reject or comments")
    table.optional_text("note")
    table.rest_unknown()
    return found


def _case_text(table: Table) -> str:
    line, lines = table.take("line", str, "a text", required=False), _lines(table, "lines")
    if (line is None) is not bool(lines):
        table.fault("a case needs either line (text) or lines (a list of texts)")
        return ""
    return "".join(f"{one}\n" for one in (lines or (line,)))


def _lines(table: Table, key: str) -> tuple[str, ...]:
    """A list of texts, of which some may be empty or stand twice."""
    value = table.take(key, list, "a list of texts", required=False) or []
    if not all(isinstance(one, str) for one in value):
        table.fault(f"{key} must be a list of texts", key)
        return ()
    return tuple(value)
