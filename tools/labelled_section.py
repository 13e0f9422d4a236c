"""The table of logs that nobody here wrote in docs/why/labelled.md: `python -m tools.labelled_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.generated import ROOT, main, table

__all__ = ["labelled_section"]

_RESULTS = ROOT / "docs" / "performance" / "labelled.json"
_PAGE = ROOT / "docs" / "why" / "labelled.md"
_START = "<!-- labelled: made by `python -m tools.labelled_section --write` -->\n"
_END = "<!-- end of labelled -->\n"
_NONE = "Nothing was measured yet. `python -m bench.labelled` measures it.\n"


def _of(found: int, whole: int) -> str:
    return f"{found:,} of {whole:,}" if whole else "-"


def labelled_section(rows: Sequence[Mapping[str, Any]]) -> str:
    """One row for each set, and below, for each that was missed or gave a finding for nothing, why."""
    if not rows:
        return _NONE
    head = [
        "set",
        "logs",
        "events",
        "views",
        "incidents found",
        "logs without one that gave a finding",
        "findings for nothing",
        "a million views",
    ]
    cells = [
        [
            row["name"], f"{row['logs']:,}", f"{row['events']:,}", f"{row['views']:,}", _of(row["hits_found"], row["hits"]),
            _of(row["benign_found"], row["benign"]), f"{row['findings']:,}",
            f"{row['findings'] * 1_000_000 / row['views']:,.1f}" if row["views"] and row["benign"] else "-",
        ]
        for row in rows
    ]  # fmt: skip
    told = "".join(_told(row) for row in rows)
    return f"{table(head, cells)}\n{told}"


def _told(row: Mapping[str, Any]) -> str:
    """What the set is, and why it came out so where it did not come out right."""
    right = row["hits_found"] == row["hits"] and not row["findings"]
    why = "" if right else f" Why: {row['why']}."
    return f"- **{row['name']}**: {row['what']}.{why}\n"


def _page() -> Mapping[Path, str]:
    rows = json.loads(_RESULTS.read_text(encoding="utf-8"))["rows"] if _RESULTS.is_file() else []
    text = _PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_START)
    after = rest.partition(_END)[2]
    return {_PAGE: f"{before}{_START}\n{labelled_section(rows)}\n{_END}{after}"}


def _faults() -> list[str]:
    text = _PAGE.read_text(encoding="utf-8")
    return [f"{_PAGE.name} lacks the line {mark.strip()}" for mark in (_START, _END) if text.count(mark) != 1]


if __name__ == "__main__":
    sys.exit(main("labelled_section", _page, _faults))
