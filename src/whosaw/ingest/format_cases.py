"""Runs the cases that a format item carries: each is parsed and compared with what it states."""

from __future__ import annotations

from datetime import datetime

from whosaw.core.errors import Fault, WhosawError
from whosaw.core.instants import parse_zone

from .build_parser import build_parser
from .canonical import column_or_null
from .format_item import Case, FormatItem
from .lines import count_lines
from .parser import Parsed, Piece

__all__ = ["case_faults", "values_right"]


def case_faults(item: FormatItem) -> list[Fault]:
    """What is wrong with the cases of an item; an item without any case is a fault as well."""
    if not item.cases:
        return [
            item.fault("format.no-case", "has no case", hint="Add a [[case]] with a line and what it gives")
        ]
    faults: list[Fault] = []
    for number, case in enumerate(item.cases):
        faults.extend(
            item.fault("format.case", f"case {number + 1}: {why}", "case", number)
            for why in _differences(item, case)
        )
    return faults


def values_right(item: FormatItem) -> tuple[int, int]:
    """How many values of columns the cases of an item state, and how many of them come out so."""
    stated = right = 0
    for case in item.cases:
        data = case.text.encode("utf-8")
        parser = build_parser(item, parse_zone(case.zone) if case.zone else None, case.year)
        events = parser.parse(Piece(data=data, lines=count_lines(data))).events
        for at, wanted in enumerate(case.expect):
            for name, value in wanted.items():
                stated += 1
                right += at < events.num_rows and _same(column_or_null(events, name)[at].as_py(), value)
    return stated, right


def _differences(item: FormatItem, case: Case) -> list[str]:
    data = case.text.encode("utf-8")
    piece = Piece(data=data, lines=count_lines(data))
    try:
        parser = build_parser(item, parse_zone(case.zone) if case.zone else None, case.year)
        parsed = parser.parse(piece).check(piece)
    except WhosawError as fault:
        return [str(fault)]
    told = (parsed.events.num_rows, parsed.rejects["reason"].to_pylist(), parsed.comments, parsed.continued)
    stated = (len(case.expect), list(case.rejects), case.comments, case.continued)
    if told != stated:
        names = ("events", "rejects", "comments", "continued")
        return [
            f"{name} are {found}, not {wanted}"
            for name, found, wanted in zip(names, told, stated, strict=True)
            if found != wanted
        ]
    return [*_columns(parsed, case), *_nulls(parsed, case)]


def _columns(parsed: Parsed, case: Case) -> list[str]:
    out: list[str] = []
    for at, wanted in enumerate(case.expect):
        for name, value in wanted.items():
            found = column_or_null(parsed.events, name)[at].as_py()
            if not _same(found, value):
                out.append(f"event {at + 1}: {name} is {found!r}, not {value!r}")
    return out


def _nulls(parsed: Parsed, case: Case) -> list[str]:
    filled = [
        name for name in case.null if column_or_null(parsed.events, name).null_count < parsed.events.num_rows
    ]
    return [f"{name} is not null" for name in filled]


def _same(found: object, wanted: object) -> bool:
    if isinstance(wanted, datetime):
        return isinstance(found, datetime) and found == wanted
    return type(found) is type(wanted) and found == wanted
