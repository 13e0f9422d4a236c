"""Formats as items: one TOML file each, with its source, the date of the last check, and its own cases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.toml_file import TomlFile, load_toml

from .canonical import CANONICAL

__all__ = ["KINDS", "Case", "FormatItem", "load_format", "load_formats", "shipped_formats"]

KINDS = ("template", "json", "delimited")
Wrapper = Literal["", "syslog", "cri", "docker"]
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_COMMON = frozenset({"id", "title", "kind", "source", "checked", "case", "retired"})
_CASE = frozenset(
    {"line", "lines", "expect", "null", "reject", "comments", "continued", "zone", "year", "note", "rejects"}
)


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
    `wrapped` one stands inside the messages of syslog, or in the log of a container. `second` reads lines that are plainly not of this one."""

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
    file = load_toml(path)
    data = file.data
    faults: list[Fault] = []
    id_ = data.get("id")
    item_id = id_ if isinstance(id_, str) else path.stem
    if id_ != path.stem or not _ID.match(path.stem):
        message = f"id must be the file name without .toml, in lower case with hyphens ({path.stem})"
        faults.append(file.fault("format.id", message, "id", item=item_id))
    faults.extend(
        file.fault(f"format.{name}", f"{name} is missing or empty", name, item=item_id)
        for name in ("title", "source")
        if not isinstance(data.get(name), str) or not data[name].strip()
    )
    if data.get("kind") not in KINDS:
        faults.append(
            file.fault("format.kind", f"kind must be one of {', '.join(KINDS)}", "kind", item=item_id)
        )
    checked = data.get("checked")
    if not isinstance(checked, date) or isinstance(checked, datetime):
        faults.append(
            file.fault("format.checked", "checked must be a date such as 2025-11-24", "checked", item=item_id)
        )
    cases = _cases(file, item_id, faults)
    if faults:
        raise FaultsError("format.invalid", faults)
    table = {name: value for name, value in data.items() if name not in _COMMON}
    return FormatItem(
        id=item_id,
        title=data["title"],
        kind=data["kind"],
        source=data["source"],
        checked=checked,
        cases=cases,
        table=table,
        file=file,
    )


def _cases(file: TomlFile, item_id: str, faults: list[Fault]) -> tuple[Case, ...]:
    raw = file.data.get("case", [])
    if not isinstance(raw, list) or not raw or not all(isinstance(case, dict) for case in raw):
        faults.append(
            file.fault("format.no-case", "a format needs at least one [[case]]", "case", item=item_id)
        )
        return ()
    cases = []
    for number, case in enumerate(raw):

        def fault(message: str, *path: str | int, at: int = number) -> None:
            faults.append(file.fault("format.case", message, "case", at, *path, item=item_id))

        for name in sorted(case.keys() - _CASE):
            fault(f"{name} is not a key of a case", name)
        if (text := _case_text(case)) is None:
            fault("a case needs either line (text) or lines (a list of texts)")
            continue
        expect = case.get("expect", [])
        expect = [expect] if isinstance(expect, dict) else expect
        null = case.get("null", [])
        if not isinstance(expect, list) or not all(isinstance(one, dict) for one in expect):
            fault("expect must be a table or a list of tables", "expect")
            continue
        for name in sorted({name for one in expect for name in one} | set(null)):
            if name not in CANONICAL:
                fault(f"{name} is not a canonical column", "expect")
        rejects = [case["reject"]] if "reject" in case else case.get("rejects", [])
        if not isinstance(rejects, list) or not all(isinstance(reason, str) for reason in rejects):
            fault("reject must be a reason, rejects a list of reasons")
            continue
        if not expect and not rejects and not case.get("comments"):
            fault("a case needs expect, reject or comments")
        cases.append(
            Case(
                text=text,
                expect=tuple(expect),
                null=tuple(null),
                rejects=tuple(rejects),
                comments=case.get("comments", 0),
                continued=case.get("continued", 0),
                zone=case.get("zone"),
                year=case.get("year"),
            )
        )
    return tuple(cases)


def _case_text(case: Mapping[str, Any]) -> str | None:
    line, lines = case.get("line"), case.get("lines")
    if isinstance(line, str) and lines is None:
        return line + "\n"
    if line is None and isinstance(lines, list) and lines and all(isinstance(one, str) for one in lines):
        return "".join(one + "\n" for one in lines)
    return None
