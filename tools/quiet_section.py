"""The table of false findings of quiet shops in docs/design/ledger-build.md: `python -m tools.quiet_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.quiet import a_year

from tools.generated import ROOT, between, main, table

__all__ = ["quiet_section"]

_RESULTS = ROOT / "docs" / "performance" / "quiet.json"
_PAGE = ROOT / "docs" / "design" / "ledger-build.md"
_START = "<!-- quiet: made by `python -m tools.quiet_section --write` -->\n"
_END = "<!-- end of quiet -->\n"
_NONE = "Nothing was measured yet. `python -m bench.quiet` measures it.\n"


def quiet_section(rows: Sequence[Mapping[str, Any]]) -> str:
    """A row for each size of shop and length of log: how often anybody was told of falsely, and how sure that is."""
    if not rows:
        return _NONE
    head = [
        "customers",
        "days",
        "judged each morning",
        "shops",
        "false findings",
        "by detector",
        "a year",
        "between, with 95 %",
    ]
    cells = []
    for place in sorted({(row["customers"], row["days"], row["daily"]) for row in rows}):
        mine = [row for row in rows if (row["customers"], row["days"], row["daily"]) == place]
        rate, low, high = a_year(mine)
        by: dict[str, int] = {}
        for row in mine:
            for name, many in row["by_detector"].items():
                by[name] = by.get(name, 0) + many
        cells.append(
            [
                f"{place[0]:,}",
                f"{place[1]:,}",
                f"the first {place[2]}" if place[2] else "none",
                f"{len(mine)}",
                f"{sum(row['false'] for row in mine)}",
                ", ".join(f"{name} {many}" for name, many in sorted(by.items())) or "-",
                f"{rate:.2f}",
                f"{low:.2f} and {high:.2f}",
            ]
        )
    return table(head, cells)


def page() -> Mapping[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    rows = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else []
    return {_PAGE: between(text, _START, _END, quiet_section(rows))}


if __name__ == "__main__":
    sys.exit(main("quiet_section", page))
