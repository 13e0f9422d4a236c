"""Which events a Sigma log source means, and where its fields stand in them. One TOML item each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from whosaw.core import client
from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table
from whosaw.store.sql import quote_name, quote_text

from .field_form import NUMBERS, TEXTS, FieldSql, FormError, any_of, field_sql

__all__ = ["LogSource", "load_log_sources", "shipped_log_sources"]

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
        return FieldSql(text=text, number="CAST(NULL AS DOUBLE)")


def shipped_log_sources() -> Path:
    """The folder of the shipped items."""
    return shipped("logsources")


@cache
def load_log_sources(folder: Path | None = None) -> dict[str, LogSource]:
    """All items by id; raises one `FaultsError` with all faults."""
    faults: list[Fault] = []
    files = item_files([folder or shipped_log_sources()], faults)
    found = [_item(Table.of_item(file, faults)) for file in files]
    if faults:
        raise FaultsError("items.invalid", faults)
    return {item.id: item for item in found}


def _item(table: Table) -> LogSource:
    forms = table.table("fields")
    fields: dict[str, FieldSql] = {}
    for name in forms.values:
        try:
            fields[name] = field_sql(forms.raw(name))
        except FormError as fault:
            forms.fault(str(fault), name)
    if table.flag("client"):  # it has every column of a client under its own name
        fields |= {each: field_sql(each) for each in client.SENT}
    keywords = table.texts("keywords", some=True)
    for word in keywords:
        if not (forms.has(word) or word in TEXTS or word in NUMBERS or word.startswith("fields.")):
            table.fault(f"{word!r} is neither a field of it nor a canonical column", "keywords")
    found = LogSource(
        id=table.name,
        title=table.text("title"),
        source=table.text("source"),
        formats=table.texts("formats", some=True),
        matches=tuple(_match(each) for each in table.tables("match", required=True)),
        when=_when(table.table("when")),
        fields=fields,
        keywords=tuple(forms.raw(word) if forms.has(word) else word for word in keywords),
    )
    table.rest_unknown()
    return found


def _match(table: Table) -> tuple[tuple[str, str], ...]:
    asked = {key: table.text(key).lower() for key in ("category", "product", "service") if table.has(key)}
    table.rest_unknown()
    return tuple(sorted(asked.items()))


def _when(table: Table) -> str:
    if not table.values:
        return "true"
    name, starts = table.text("has", one_of=(*TEXTS, *NUMBERS)), table.optional_text("starts")
    table.rest_unknown()
    if starts is None:
        return f"{quote_name(name)} IS NOT NULL"
    return f"starts_with({quote_name(name)}, {quote_text(starts)})"
