"""Which events a Sigma log source means, and where its fields stand in them. One TOML item each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from whosaw.core import client
from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.toml_file import TomlFile, load_toml
from whosaw.store.sql import quote_name, quote_text

from .field_form import NUMBERS, TEXTS, FieldSql, FormError, any_of, field_sql

__all__ = ["LogSource", "load_log_sources", "shipped_log_sources"]

_KEYS = {"id", "title", "source", "formats", "when", "keywords", "match", "fields", "client"}
_ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """`matches` are the category, product and service that rules write; `when` is a condition over canonical columns."""

    id: str
    title: str
    source: str
    formats: tuple[str, ...]
    matches: tuple[tuple[tuple[str, str], ...], ...]
    when: str
    fields: Mapping[str, FieldSql]
    keywords: tuple[object, ...]  # forms, as in field_form

    def reads(self, format_name: str) -> bool:
        """Whether events of this format can belong to it."""
        return _ALL in self.formats or format_name in self.formats

    def fits(self, category: str | None, product: str | None, service: str | None) -> int:
        """How closely it is what a rule asks for: the number of parts that agree, 0 where it is not.

        A product that no item names is passed over beside a category: `category: webserver, product: apache` is webserver.
        """
        asked = {"category": category, "product": product, "service": service}
        best = 0
        for match in self.matches:
            names = dict(match)
            if all((asked[key] or "").lower() == value for key, value in names.items()):
                free = {key for key, value in asked.items() if value and key not in names}
                if free <= ({"product", "service"} if "category" in names else set()):
                    best = max(best, len(names))
        return best

    @property
    def any_field(self) -> FieldSql:
        """All texts of an event, in which a keyword is looked for."""
        text = any_of(self.keywords)
        return FieldSql(text=text, number=f"TRY_CAST({text} AS DOUBLE)")


def shipped_log_sources() -> Path:
    """The folder of the shipped items."""
    return Path(str(files("whosaw") / "data" / "logsources"))


@cache
def load_log_sources(folder: Path | None = None) -> dict[str, LogSource]:
    """All items by id; raises one `FaultsError` with all faults."""
    faults: list[Fault] = []
    found: dict[str, LogSource] = {}
    for path in sorted((folder or shipped_log_sources()).glob("*.toml")):
        try:
            file = load_toml(path)
        except FaultsError as fault:
            faults.extend(fault.faults)
            continue
        item = _item(file, path.stem, faults)
        if item is not None:
            found[item.id] = item
    if faults:
        raise FaultsError("items.invalid", faults)
    return found


def _item(file: TomlFile, stem: str, faults: list[Fault]) -> LogSource | None:
    before = len(faults)

    def wrong(message: str, *path: str | int) -> None:
        faults.append(file.fault("item.invalid", message, *path, item=stem))

    data = file.data
    for key in sorted(set(data) - _KEYS):
        wrong(f"{key} is not a key of a log source", key)
    if data.get("id") != stem:
        wrong(f"id is {data.get('id')!r} but the file is named {stem!r}", "id")
    formats = data.get("formats", [])
    keywords = data.get("keywords", [])
    for name, value in (("formats", formats), ("keywords", keywords)):
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            wrong(f"{name} must be a list of texts", name)
    fields: dict[str, FieldSql] = {}
    for name, form in data.get("fields", {}).items():
        try:
            fields[name] = field_sql(form)
        except FormError as fault:
            wrong(str(fault), "fields", name)
    if data.get("client", False) is True:  # it has every column of a client under its own name
        fields |= {each: field_sql(each) for each in client.SENT}
    elif "client" in data:
        wrong("client can only be true", "client")
    for word in keywords if isinstance(keywords, list) else []:
        if (
            word in data.get("fields", {})
            or word in TEXTS
            or word in NUMBERS
            or str(word).startswith("fields.")
        ):
            continue
        wrong(f"{word!r} is neither a field of it nor a canonical column", "keywords")
    matches = [
        tuple(sorted((str(key), str(value).lower()) for key, value in each.items()))
        for each in data.get("match", [])
    ]
    if not matches:
        wrong("has no [[match]]")
    when = _when(data.get("when", {}), wrong)
    if len(faults) > before:
        return None
    texts = tuple(data["fields"].get(word, word) for word in keywords)
    return LogSource(
        id=stem,
        title=str(data.get("title", stem)),
        source=str(data.get("source", "")),
        formats=tuple(formats),
        matches=tuple(matches),
        when=when,
        fields=fields,
        keywords=texts,
    )


def _when(table: Mapping[str, Any], wrong: Callable[..., None]) -> str:
    if not table:
        return "true"
    name, starts = table.get("has"), table.get("starts")
    if name not in (*TEXTS, *NUMBERS):
        wrong("when.has must be a canonical column", "when")
        return "true"
    if starts is None:
        return f"{quote_name(name)} IS NOT NULL"
    return f"starts_with({quote_name(name)}, {quote_text(str(starts))})"
