"""The table of logs that nobody here wrote in docs/why/labelled.md: `python -m tools.labelled_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
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


def labelled_section(
    rows: Sequence[Mapping[str, Any]], by_days: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> str:
    """One row for each set, and below, for each that was missed or gave a finding for nothing, why. What the steps of days find of a set
    (`by_days`) stands behind it, where it is something else."""
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
    cells = []
    for row in rows:
        told = [_found(each) for each in (row, by_days.get(row["name"], row))]
        said = [now if now == days else f"{now}, by days {days}" for now, days in zip(*told, strict=True)]
        cells.append([row["name"], f"{row['logs']:,}", f"{row['events']:,}", f"{row['views']:,}", *said])
    about = "".join(_told(row) for row in rows)
    return f"{table(head, cells)}\n{about}"


def _found(row: Mapping[str, Any]) -> list[str]:
    rate = f"{row['findings'] * 1_000_000 / row['views']:,.1f}" if row["views"] and row["benign"] else "-"
    return [
        _of(row["hits_found"], row["hits"]),
        _of(row["benign_found"], row["benign"]),
        f"{row['findings']:,}",
        rate,
    ]


def _told(row: Mapping[str, Any]) -> str:
    """What the set is, and why it came out so where it did not come out right."""
    right = row["hits_found"] == row["hits"] and not row["findings"]
    why = "" if right else f" Why: {row['why']}."
    return f"- **{row['name']}**: {row['what']}.{why}\n"


def _page() -> Mapping[Path, str]:
    told = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else {}
    rows, by_days = told.get("rows", []), {each["name"]: each for each in told.get("days", [])}
    text = _PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_START)
    after = rest.partition(_END)[2]
    return {_PAGE: f"{before}{_START}\n{labelled_section(rows, by_days)}\n{_END}{after}"}


def _faults() -> list[str]:
    text = _PAGE.read_text(encoding="utf-8")
    return [f"{_PAGE.name} lacks the line {mark.strip()}" for mark in (_START, _END) if text.count(mark) != 1]


if __name__ == "__main__":
    sys.exit(main("labelled_section", _page, _faults))
