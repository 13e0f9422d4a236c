"""What the law needs of a scope version: people as bounds by country, categories, and what is still open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from whosaw.core.instants import parse_instant
from whosaw.core.moments import Moment
from whosaw.core.ranges import Range

from .facts import ScopeFacts

__all__ = ["PLACE", "scope_facts"]

PLACE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?\Z")
_UNDESCRIBED: Final = ("unmapped-route", "unread-source", "draft-route")
_ANSWERS: Final = ("seen", "not seen", "cannot tell")


def scope_facts(document: Mapping[str, Any], *, known: Moment | None, said_by: str) -> ScopeFacts:
    """Facts of one version. `known` is when its count became known, where that is not when it was made.

    Raises `ValueError` with one sentence where the document is not that of a scope version.
    """
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("version is not a whole number from 1 on")
    made = Moment.at(parse_instant(str(document.get("made"))))
    counts = {str(each.get("unit")): _range(each, "counts") for each in _list(document, "counts")}
    if "persons" not in counts or "accounts" not in counts:
        raise ValueError("counts holds no persons or no accounts")
    by: Mapping[str, Any] = document["by"] if isinstance(document.get("by"), Mapping) else {}
    open_items = _list(document, "open")
    return ScopeFacts(
        version=version,
        known=known or made,
        known_from=said_by or f"scope version {version}, when it was made",
        persons=counts["persons"],
        accounts=counts["accounts"],
        by_place=_by_place(_list(by, "jurisdiction"), "persons"),
        accounts_by_place=_by_place(_list(by, "jurisdiction"), "accounts"),
        categories=_categories(document),
        complete=not any(each.get("code") in _UNDESCRIBED for each in open_items),
        final=bool(document.get("final")),
        persons_by_category=_rows(_list(by, "category"), "persons"),
    )


def _list(table: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = table.get(key)
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise ValueError(f"{key} is no list of tables")
    return found


def _range(count: Any, where: str) -> Range:
    low = count.get("lower") if isinstance(count, Mapping) else None
    high = count.get("upper") if isinstance(count, Mapping) else None
    if not isinstance(low, int) or not (high is None or isinstance(high, int)):
        raise ValueError(f"{where} has no bounds")
    try:
        return Range(low=low, high=high)
    except ValueError as fault:
        raise ValueError(f"{where}: {fault}") from fault


def _rows(rows: Sequence[Mapping[str, Any]], unit: str) -> dict[str, Range]:
    return {str(row.get("name")): _range(row.get(unit), str(row.get("name"))) for row in rows}


def _by_place(rows: Sequence[Mapping[str, Any]], unit: str) -> dict[str, Range]:
    """People by country or state; rows that name neither are together under an empty name."""
    found: dict[str, Range] = {}
    for name, people in _rows(rows, unit).items():
        place = name.upper() if PLACE.match(name.upper()) else ""
        found[place] = found[place].plus(people) if place in found else people
    return found


def _categories(document: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in _list(document, "categories_held"):
        if each.get("answer") not in _ANSWERS:
            raise ValueError(f"categories_held: {each.get('category')} has no answer")
        found[str(each.get("category"))] = str(each["answer"])
    return found
