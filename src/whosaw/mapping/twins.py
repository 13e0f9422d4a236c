"""Twins: two sources that log one act, as a map declares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from whosaw.packs.table import Table
from whosaw.store.twin_rules import TwinRule

__all__ = ["Twins", "read_twins"]

_BY: Final[dict[str, Literal["request", "page"]]] = {"request_id": "request", "client-path-time": "page"}
_UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
# what is taken where the map says nothing, and the longest: an id is one act's alone, a page is asked for again and again
_USUAL = {"request": 300_000_000, "page": 2_000_000}
_LONGEST = {"request": 24 * 3_600_000_000, "page": 60_000_000}
_WORDS = {"request": "24h", "page": "60s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """The rule, and the named fields that hold the request id where the format has no place of its own for it."""

    rule: TwinRule
    fields: tuple[str, ...] = ()


def read_twins(top: Table) -> tuple[Twins, ...]:
    """The tables `[[twins]]` of a map."""
    found: list[Twins] = []
    seen: dict[str, int] = {}
    for position, reader in enumerate(top.tables("twins")):
        reader.item = f"twins {position + 1}"
        if (twins := _read(reader)) is not None:
            found.append(twins)
        for source in reader.values["sources"] if isinstance(reader.values.get("sources"), list) else ():
            if isinstance(source, str) and seen.setdefault(source, position) != position:
                reader.fault(
                    f"{source!r} has a twin already", "sources", hint="A source is in one [[twins]] at most"
                )
    return tuple(found)


def _read(reader: Table) -> Twins | None:
    before = len(reader.faults)
    sources = reader.texts("sources", some=True)
    if sources and len(set(sources)) == len(sources) != 2:
        reader.fault(
            f"names {len(sources)} sources, and twins are two",
            "sources",
            hint='Name the two in the order in which a request passes them: sources = ["edge.log", "app.log"]',
        )
    said = reader.text("by", one_of=tuple(_BY))
    by = _BY[said] if said else None
    within = _within(reader, by)
    fields = reader.texts("field", required=False, some=True, or_one=True)
    if fields and by == "page":
        reader.fault(
            "field names where the request id stands, and these twins are joined without it", "field"
        )
    reader.rest_unknown()
    if len(reader.faults) > before or by is None:
        return None
    return Twins(
        rule=TwinRule(sources=(sources[0], sources[1]), by=by, within=within),
        fields=fields or ("request_id",),
    )


def _within(reader: Table, by: Literal["request", "page"] | None) -> int:
    text = reader.optional_text("within")
    if text is None or by is None:
        return _USUAL[by or "page"]
    digits = text.rstrip("msh")
    unit = text[len(digits) :]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 8 and unit in _UNITS):
        reader.fault(f"{text!r} is no length of time", "within", hint='Write it like "500ms", "2s" or "5m"')
        return _USUAL[by]
    micros = int(digits) * _UNITS[unit]
    if not 0 < micros <= _LONGEST[by]:
        reader.fault(f"{text} is not between 1ms and {_WORDS[by]}", "within")
    return micros
