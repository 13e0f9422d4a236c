"""The tables of docs/why/bounds.md from measured clues and sizes: `python -m tools.scope_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["clues_part", "page", "sizes_part"]

_FOLDER = ROOT / "docs" / "performance"
_PAGE = ROOT / "docs" / "why" / "bounds.md"
_NONE = "Nothing was measured yet. `make bench` measures it.\n"
_UNITS = ("views", "accounts", "persons")
_TARGETS = {"scope": (60.0, 8000.0), "diff": (2.0, 8000.0)}  # seconds, megabytes


def clues_part(rows: Sequence[Mapping[str, Any]]) -> str:
    """One row for each breach and context: what many single clues of it led to, the worst of them."""
    told = table(
        ["breach", "context", "customers", "clues", "scopes", "refused", "worst recall", "worst precision", "bounds hold"],
        [
            [
                f"`{row['breach']}`",
                row["context"],
                f"{row['customers']:,}",
                str(sum(row["clues"].values())),
                str(len(row["scopes"])),
                str(sum(row["refused"].values())),
                _share(row["recall"]),
                _share(row["precision"]),
                f"{row['hold']} of {sum(each['clues'] for each in row['scopes'])}",
            ]
            for row in rows
        ],
    )  # fmt: skip
    return (
        "Clues are drawn at random among the views of the breach, each of another kind than the one before: finding, address, token, "
        "key, user agent, person, session, line. Recall and precision are of persons held, the lower bound. One scope means that all "
        "clues that were not refused gave the same bytes; a clue is refused where it leads to views that a record explains, or to an agent or a key "
        "that several actors share. The numbers are in [clues.json](../performance/clues.json).\n\n" + told
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def sizes_part(told: Mapping[str, Any]) -> str:
    """How long a scope takes as the ledger grows, and the difference of two versions."""
    machine = told["machine"]
    where = (
        f"Measured on {machine['cores']} cores ({machine['processor']}), {machine['memory_bytes'] / 2**30:.0f} GiB. Scale 1 is the case: "
        "33.7 million accounts and 226 million requests of one attacker. Each scope starts from the largest finding and ends with all "
        "its counts written.\n"
    )
    parts = [
        where,
        table(
            ["scale", "lines", "seconds", "processor seconds", "most memory", *_UNITS],
            [_size_row(each) for each in told["sizes"]],
        ),
    ]
    full = [each for each in told["sizes"] if each["scale"] == 1.0]
    if full:
        parts.append(_target("A scope at scale 1", full[0]["seconds"], full[0]["peak_megabytes"], "scope"))
    if "diff" in told:
        diff = told["diff"]
        what = f"The difference of two versions of {max(diff['persons']):,} accounts in {diff['sets_each']} sets each"
        parts.append(_target(what, max(diff["seconds"]), diff["peak_megabytes"], "diff"))
    return "\n".join(parts)


def _size_row(size: Mapping[str, Any]) -> list[str]:
    return [
        f"{size['scale']:g}",
        f"{size['lines']:,}",
        f"{size['seconds']:,.1f}",
        f"{size['processor_seconds']:,.1f}",
        f"{size['peak_megabytes'] / 1000:,.2f} GB",
        *(_bounds(*size["counts"][unit]) for unit in _UNITS),
    ]


def _bounds(lower: int, upper: int | None) -> str:
    return f"{lower:,}" if lower == upper else f"{lower:,} to {'no bound' if upper is None else f'{upper:,}'}"


def _target(what: str, seconds: float, megabytes: float, name: str) -> str:
    most_seconds, most_megabytes = _TARGETS[name]
    kept = seconds <= most_seconds and megabytes <= most_megabytes
    return (
        f"{what}: {seconds:,.2f} s and {megabytes / 1000:,.2f} GB; at most {most_seconds:g} s and {most_megabytes / 1000:g} GB are wanted: "
        f"{'kept' if kept else '**not reached**'}.\n"
    )


def page() -> dict[Any, str]:
    text = _PAGE.read_text(encoding="utf-8")
    clues, sizes = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        for path in (_FOLDER / "clues.json", _FOLDER / "scope.json")
    )
    text = _put(text, "clues", clues_part(clues["rows"]) if clues else _NONE)
    return {_PAGE: _put(text, "sizes", sizes_part(sizes) if sizes else _NONE)}


def _put(text: str, name: str, told: str) -> str:
    start = f"<!-- {name}: made by `python -m tools.scope_section --write` -->\n"
    return between(text, start, f"<!-- end of {name} -->\n", told)


if __name__ == "__main__":
    sys.exit(main("scope_section", page))
