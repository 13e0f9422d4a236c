"""The table of what a day more costs in docs/why/performance.md: `python -m tools.day_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tools.generated import ROOT, between, main, table

__all__ = ["day_section"]

_RESULTS: Final = ROOT / "docs" / "performance" / "day-more.json"
_PAGE: Final = ROOT / "docs" / "why" / "performance.md"
_START: Final = "<!-- day: made by `python -m tools.day_section --write` -->\n"
_END: Final = "<!-- end of day -->\n"
_NONE: Final = "Nothing was measured yet. `python -m bench.day_more` measures it.\n"


def day_section(told: Mapping[str, Any]) -> str:
    """A row for each scan, by days and beside it in one run, whole commands."""
    if not told:
        return _NONE
    by_turn: dict[str, dict[str, Mapping[str, Any]]] = {}
    for each in told["turns"]:
        by_turn.setdefault(each["turn"], {})[each["way"]] = each
    cells = []
    for turn, ways in by_turn.items():
        days, once = ways["days"], ways["one run"]
        both = [(days[name], once[name]) for name in ("seconds", "processor_seconds")]
        sizes = [(days[name], once[name]) for name in ("peak_bytes", "disk_bytes")]
        cells.append(
            [
                turn,
                f"{days['lines']:,}",
                *(f"{one:,.1f}, {other:,.1f}" for one, other in both),
                *(f"{one / 1e9:.2f}, {other / 1e9:.2f} GB" for one, other in sizes),
                f"{days['findings']}, {once['findings']}",
            ]
        )
    head = ["scan", "new lines", "seconds", "processor seconds", "most memory", "workspace", "findings"]
    return (
        f"Measured on {told['measured']}, replay of the case at {told['scale']}, full context; by steps over days, and in one run over the whole ledger "
        f"as earlier releases had it.\n\n{table(head, cells)}"
    )


def _page() -> Mapping[Path, str]:
    told = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else {}
    return {_PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, day_section(told))}


def _faults() -> list[str]:
    text = _PAGE.read_text(encoding="utf-8")
    return [f"{_PAGE.name} lacks the line {mark.strip()}" for mark in (_START, _END) if text.count(mark) != 1]


if __name__ == "__main__":
    sys.exit(main("day_section", _page, _faults))
