"""The tables of docs/why/bounds.md from random small organisations: `python -m tools.worlds_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["page", "worlds_section"]

_RESULTS = ROOT / "docs" / "performance" / "worlds.json"
_PAGE = ROOT / "docs" / "why" / "bounds.md"
_START = "<!-- worlds: made by `python -m tools.worlds_section --write` -->\n"
_END = "<!-- end of worlds -->\n"
_NONE = "Nothing was measured yet. `make bench` measures it.\n"


def worlds_section(told: Mapping[str, Any]) -> str:
    """How many bounds were on the wrong side, by damage; how often and how wholly each attacker was found."""
    scopes, honest = told["scopes"], told["honest"]
    said = (
        f"{told['worlds']:,} organisations, {told['worlds_with_breach']:,} of them with a breach, {told['lines']:,} lines, each scanned "
        f"{honest['scans'] // told['worlds']} times with more and more records. {scopes['judged']:,} scopes, {scopes['holding_views']:,} of which hold views: "
        f"a lower bound above the truth in {scopes['lower_wrong']:,}; an upper one below it in {scopes['upper_wrong']:,} of the "
        f"{scopes['uppers_judged']:,} that stand for an attacker. "
        f"A right lower bound sank with a table more {told['faults'].get('sank', 0):,} times, a scope lost people of its own finding without a word "
        f"{told['faults'].get('dropped', 0):,} times, and a finding took two attackers together {told['faults'].get('merged', 0):,} times. "
        f"{honest['with_records']:,} findings were of somebody honest whom the records given could have told. "
        f"Of {told['views']:,} views {told['possible_views']:,} were possible ones. "
        f"It took {told['processor_seconds'] / 3600:.1f} hours of one processor. "
        "The numbers are in [worlds.json](../performance/worlds.json).\n"
    )
    by_damage = table(
        [
            "logs",
            "scopes",
            "hold views",
            "lower wrong",
            "uppers judged",
            "upper wrong",
            "without upper",
            "width, middle one",
        ],
        [
            [
                f"`{name}`",
                *(
                    f"{row[key]:,}"
                    for key in (
                        "judged",
                        "holding_views",
                        "lower_wrong",
                        "uppers_judged",
                        "upper_wrong",
                        "without_upper",
                    )
                ),
                _number(row["width_median"]),
            ]
            for name, row in told["damage"].items()
        ],
    )
    by_style = table(
        [
            "attacker",
            "campaigns",
            "found",
            "by several findings",
            "scopes",
            "recall, middle one",
            "recall, least",
            "lower bound, middle one",
        ],
        [
            [
                f"`{name}`",
                *(f"{row[key]:,}" for key in ("campaigns", "found", "by_several_findings", "scopes")),
                _number(row["recall_median"]),
                _number(row["recall_least"]),
                _number(row["lower_median"]),
            ]
            for name, row in told["styles"].items()
        ],
    )
    failing = [f"{kind}: {', '.join(str(seed) for seed in seeds)}" for kind, seeds in told["seeds"].items()]
    tail = (
        f"\nSeeds that fail, each made again with `python -m bench.worlds --seed N --show`. {'; '.join(failing)}.\n"
        if failing
        else ""
    )
    return f"{said}\n{by_damage}\nWidth is the upper bound of views in terms of the lower one. Recall is of accounts held, the lower bound below of views in terms of the truth.\n\n{by_style}{tail}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def page() -> dict[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    made = worlds_section(json.loads(_RESULTS.read_text(encoding="utf-8"))) if _RESULTS.exists() else _NONE
    return {_PAGE: between(text, _START, _END, made)}


if __name__ == "__main__":
    sys.exit(main("worlds_section", page))
