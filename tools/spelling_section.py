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
_HEAD = [
    "server", "version", "sent", "served", "views", "possible views", "cannot tell", "unreadable", "not logged", "escaped",
    "accounts: answered", "said",
]  # fmt: skip


def _cells(row: Mapping[str, Any]) -> list[str]:
    accounts = row["accounts"]
    upper = accounts["upper"]
    said = f"{accounts['lower']:,} to {'no bound' if upper is None else f'{upper:,}'}"
    counts = ("sent", "served", "view", "possible", "undecided", "reject", "unlogged", "escaped")
    return [
        row["name"],
        row["version"],
        *(f"{row[name]:,}" for name in counts),
        f"{accounts['answered']:,}",
        said,
    ]


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
