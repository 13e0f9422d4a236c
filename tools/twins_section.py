"""The tables of docs/why/bounds.md from measured twins: `python -m tools.twins_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["page", "twins_section"]

_RESULTS = ROOT / "docs" / "performance" / "twins.json"
_LARGE = ROOT / "docs" / "performance" / "twins-large.json"
_PAGE = ROOT / "docs" / "why" / "bounds.md"
_START = "<!-- twins: made by `python -m tools.twins_section --write` -->\n"
_END = "<!-- end of twins -->\n"
_NONE = "Nothing was measured yet. `make bench` measures it.\n"
_UNDAMAGED = "none"
_LOST_HOURS = "lost-hours"
Twin = Mapping[str, Any]


def _width(twins: Sequence[Twin], unit: int) -> str:
    """The widest upper bound in terms of its lower one; how many have no upper bound, or nothing to compare it with."""
    bounds = [twin["bounds"][unit] for twin in twins if twin["bounds"] is not None]
    ratios = [upper / lower for lower, upper in bounds if lower and upper is not None]
    without = sum(upper is None for _, upper in bounds)
    said = [f"{max(ratios):.3f}"] if ratios else []
    said += [f"{without} without"] if without else []
    return ", ".join(said) or "-"


def _rows(twins: Sequence[Twin], key: Callable[[Twin], tuple[Any, ...]]) -> list[list[str]]:
    cells = []
    for group in sorted({key(twin) for twin in twins}):
        own = [twin for twin in twins if key(twin) == group]
        found = [twin for twin in own if twin["bounds"] is not None]
        rows, out = (sum(each) for each in zip(*((t["rows"], len(t["rows_out"])) for t in own), strict=True))
        cells.append(
            [
                *(f"{each:,}" if isinstance(each, int) else f"`{each}`" for each in group),
                f"{len(own)}",
                f"{len(found)}",
                f"{sum(twin['holds'] for twin in found)}",
                f"{rows - out} of {rows}",
                *(_width(own, unit) for unit in range(2)),
            ]
        )
    return cells


_HEAD = ["twins", "found", "hold in all units", "rows by route that hold", "widest views", "widest accounts"]


def twins_section(twins: Sequence[Twin]) -> str:
    """How many hold, what does not, and one table by damage and one of lost hours by breach."""
    found = [twin for twin in twins if twin["bounds"] is not None]
    hold = sum(twin["holds"] for twin in found)
    out = [twin for twin in found if not twin["holds"]]
    said = f"{len(twins)} twins over seeds {', '.join(str(each) for each in sorted({t['seed'] for t in twins}))}; "
    said += f"in {len(found)} of them something was found, and in {hold} of these views, accounts and persons of the truth all lie "
    said += "within their bounds."
    if out:
        named = ", ".join(f"{each['breach']} with {each['damage']} (seed {each['seed']})" for each in out)
        said += f" They do not in {named}."
    said += " The widest is the largest upper bound in terms of its lower one. The numbers are in [twins.json](../performance/twins.json).\n"
    of_hours = [twin for twin in twins if twin["damage"] == _LOST_HOURS]
    return "\n".join(
        [
            said,
            table(["damage", *_HEAD], _rows(twins, lambda twin: (twin["damage"],))),
            "With 5 in 100 hours lost, by breach:\n",
            table(
                ["breach", "customers", *_HEAD],
                _rows(of_hours, lambda twin: (twin["breach"], twin["customers"])),
            ),
        ]
    )


def large_section(twins: Sequence[Twin]) -> str:
    """Twins of larger shops, by breach."""
    hold = sum(twin["holds"] for twin in twins)
    said = (
        f"In larger shops the same share of hours is a sample of more views; {hold} of {len(twins)} twins hold. The numbers are in "
        "[twins-large.json](../performance/twins-large.json).\n"
    )
    return "\n".join(
        [
            said,
            table(
                ["breach", "damage", "customers", *_HEAD],
                _rows(twins, lambda twin: (twin["breach"], twin["damage"], twin["customers"])),
            ),
        ]
    )


def _twins(path: Path) -> list[dict[str, Any]]:
    twins: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["twins"]
    return twins


def page() -> dict[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    made = twins_section(_twins(_RESULTS)) if _RESULTS.exists() else _NONE
    if _LARGE.exists():
        made += "\n" + large_section(_twins(_LARGE))
    return {_PAGE: between(text, _START, _END, made)}


if __name__ == "__main__":
    sys.exit(main("twins_section", page))
