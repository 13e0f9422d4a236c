"""The table of docs/why/spelling-servers.md from what `make test-wide` measured, and that of docs/why/spelling.md from what
`python -m bench.respelled` did: `python -m tools.spelling_section --write | --check`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["respelled_section", "spelling_section"]

_RESULTS = ROOT / "docs" / "performance" / "spellings"
_PAGE = ROOT / "docs" / "why" / "spelling-servers.md"
_START = "<!-- spellings: made by `python -m tools.spelling_section --write` -->\n"
_END = "<!-- end of spellings -->\n"
_RESPELLED = ROOT / "docs" / "performance" / "respelled.json"
_WHY = ROOT / "docs" / "why" / "spelling.md"
_WHY_START = "<!-- respelled: made by `python -m tools.spelling_section --write` -->\n"
_WHY_END = "<!-- end of respelled -->\n"
_GAP = re.compile(r" (?= )|(?<= ) | $")  # a blank that stands beside another, or at the end
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


def respelled_section(rows: Sequence[Mapping[str, Any]]) -> str:
    """How much later than the plain one a spelling of the demo's attack is found at most, and one row a spelling."""
    plain = next(row for row in rows if row["family"] == "plain")
    others = [row for row in rows if row is not plain]
    found = [row for row in others if row["persons_before"] is not None]
    late = max((abs(row["persons_before"] - plain["persons_before"]) for row in found), default=0)
    possible = sum(row["bounds"]["views"][0] == 0 for row in found)
    lines = f"{plain['log_lines']:,} lines, {plain['lines']:,} of them the attacker's"
    said = (
        f"The attack of `whosaw demo` ({lines}) in {len(others)} other spellings: {len(found)} are found, after at most {late} "
        f"{'person' if late == 1 else 'people'} more or fewer than the plain one; {possible} are possible only, and bounded from above."
    )
    cells = [
        [
            row["family"],
            f"`{_GAP.sub('␣', row['request'])}`",
            "not found" if row["persons_before"] is None else f"{row['persons_before']:,}",
            f"{row['findings']:,}",
            *(_bounds(row["bounds"].get(unit)) for unit in ("views", "accounts")),
        ]
        for row in rows
    ]
    return f"{said}\n\n{table(['family', 'request', 'found after people', 'findings', 'views', 'accounts'], cells)}"


def _bounds(told: Sequence[int | None] | None) -> str:
    if told is None:
        return "-"
    lower, upper, _ = told
    return f"{lower:,}" if lower == upper else f"{lower:,} to {'no bound' if upper is None else f'{upper:,}'}"


def _page() -> Mapping[Path, str]:
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_RESULTS.glob("*.json"))]
    again = json.loads(_RESPELLED.read_text(encoding="utf-8"))["rows"]
    return {
        _PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, spelling_section(rows)),
        _WHY: between(_WHY.read_text(encoding="utf-8"), _WHY_START, _WHY_END, respelled_section(again)),
    }


def _faults() -> list[str]:
    asked = ((_PAGE, _START), (_PAGE, _END), (_WHY, _WHY_START), (_WHY, _WHY_END))
    return [
        f"{page.name} lacks the line {mark.strip()}"
        for page, mark in asked
        if page.read_text(encoding="utf-8").count(mark) != 1
    ]


if __name__ == "__main__":
    sys.exit(main("spelling_section", _page, _faults))
