"""The table of views looked at one by one in docs/design/ledger-build.md: `python -m tools.looked_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["looked_section"]

_RESULTS = ROOT / "docs" / "performance" / "looked.json"
_PAGE = ROOT / "docs" / "design" / "ledger-build.md"
_START = "<!-- looked: made by `python -m tools.looked_section --write` -->\n"
_END = "<!-- end of looked -->\n"
_NONE = "Nothing was measured yet. `python -m bench.looked` measures it.\n"


def looked_section(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table for each size of shop: the clauses that look at anything, the largest share first, and how many look at nothing."""
    return "\n".join(_of_shop(row) for row in rows) if rows else _NONE


def _of_shop(row: Mapping[str, Any]) -> str:
    clauses = row["clauses"]
    asked = sorted(
        (name for name in clauses if clauses[name]["views"]), key=lambda name: (-_share(clauses[name]), name)
    )
    said = f"{row['customers']:,} customers, {row['views']:,} views; {len(clauses) - len(asked)} of {len(clauses)} clauses look at none"
    if not asked:
        return f"{said}.\n"
    cells = [
        [
            f"`{name}`",
            f"{_share(clauses[name]):.2%}",
            f"{clauses[name]['days']:,}",
            f"{clauses[name]['left']:,}",
            f"{clauses[name]['flagged']:,}",
        ]
        for name in asked
    ]
    return f"{said}:\n\n{table(['clause', 'views looked at', 'days', 'left', 'flagged'], cells)}"


def _share(clause: Mapping[str, int]) -> float:
    return clause["views"] / max(1, clause["every"])


def page() -> Mapping[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    rows = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else []
    return {_PAGE: between(text, _START, _END, looked_section(rows))}


if __name__ == "__main__":
    sys.exit(main("looked_section", page))
