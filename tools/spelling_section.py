"""The table of docs/why/spelling-servers.md from what `make test-wide` measured: `python -m tools.spelling_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["spelling_section"]

_RESULTS = ROOT / "docs" / "performance" / "spellings"
_PAGE = ROOT / "docs" / "why" / "spelling-servers.md"
_START = "<!-- spellings: made by `python -m tools.spelling_section --write` -->\n"
_END = "<!-- end of spellings -->\n"
_NONE = "Nothing was measured yet. `make test-wide` measures it.\n"
_FATES = {
    "views": "view", "possible views": "possible", "cannot tell": "undecided", "unreadable": "reject", "not logged": "unlogged",
}  # fmt: skip
_HEAD = [
    "server",
    "version",
    "sent",
    "served",
    *_FATES,
    "escaped",
    "views said",
    "accounts answered",
    "accounts said",
]


def _said(bounds: Mapping[str, Any]) -> str:
    upper = bounds["upper"]
    return f"{bounds['lower']:,} to {'no bound' if upper is None else f'{upper:,}'}"


def _cells(row: Mapping[str, Any]) -> list[str]:
    fates = [row["fates"][name] for name in _FATES.values()]
    numbers = [row["sent"], row["served"], *fates, row["escaped"]]
    accounts = row["accounts"]
    return [
        row["name"], row["version"], *(f"{number:,}" for number in numbers), _said(row["views"]), f"{accounts['answered']:,}",
        _said(accounts),
    ]  # fmt: skip


def spelling_section(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many servers, spellings and escapes in all, and one row a server."""
    if not rows:
        return _NONE
    sent, served, escaped = (sum(row[name] for row in rows) for name in ("sent", "served", "escaped"))
    seeds = ", ".join(str(seed) for seed in sorted({row["seed"] for row in rows}))
    said = (
        f"{len(rows)} servers were sent {sent:,} spellings (seed {seeds}); {served:,} were answered with the page, at least "
        f"{min(row['served'] for row in rows):,} by each server. {escaped:,} escaped."
    )
    return f"{said}\n\n{table(_HEAD, [_cells(row) for row in rows])}"


def _page() -> Mapping[Path, str]:
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_RESULTS.glob("*.json"))]
    return {_PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, spelling_section(rows))}


def _faults() -> list[str]:
    text = _PAGE.read_text(encoding="utf-8")
    return [f"{_PAGE.name} lacks the line {mark.strip()}" for mark in (_START, _END) if text.count(mark) != 1]


if __name__ == "__main__":
    sys.exit(main("spelling_section", _page, _faults))
