"""The table of planted account swaps in docs/why/labelled.md: `python -m tools.swaps_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.generated import ROOT, main, table

__all__ = ["swaps_section"]

_RESULTS = ROOT / "docs" / "performance" / "swaps.json"
_PAGE = ROOT / "docs" / "why" / "labelled.md"
_START = "<!-- swaps: made by `python -m tools.swaps_section --write` -->\n"
_END = "<!-- end of swaps -->\n"
_NONE = "Nothing was measured yet. `python -m bench.swaps` measures it.\n"


def swaps_section(measured: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A row for each context and number of accounts, and beside each other what was measured under each label."""
    if not any(measured.values()):
        return _NONE
    labels = sorted(measured)
    head = ["context", "accounts a thief takes", "thieves"]
    head += [
        f"{what}: {label}"
        for what in ("found", "of their lines", "false findings a million views")
        for label in labels
    ]
    by_place = {(label, row["context"], row["taken"]): row for label in labels for row in measured[label]}
    places = dict.fromkeys((context, taken) for _, context, taken in by_place)
    rows = []
    for context, taken in places:
        mine = [by_place.get((label, context, taken)) for label in labels]
        thieves = next(each["thieves"] for each in mine if each is not None)
        rows.append([
            context, f"{taken:,}", f"{thieves:,}",
            *(_of(each, "thieves") for each in mine), *(_of(each, "lines") for each in mine),
            *("-" if each is None else f"{each['false_per_million_views']:,}" for each in mine),
        ])  # fmt: skip
    return table(head, rows)


def _of(row: Mapping[str, Any] | None, what: str) -> str:
    return f"{row[f'{what}_found']:,} of {row[what]:,}" if row is not None and row[what] else "-"


def _page() -> Mapping[Path, str]:
    measured = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else {}
    text = _PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_START)
    after = rest.partition(_END)[2]
    return {_PAGE: f"{before}{_START}\n{swaps_section(measured)}\n{_END}{after}"}


def _faults() -> list[str]:
    text = _PAGE.read_text(encoding="utf-8")
    return [f"{_PAGE.name} lacks the line {mark.strip()}" for mark in (_START, _END) if text.count(mark) != 1]


if __name__ == "__main__":
    sys.exit(main("swaps_section", _page, _faults))
