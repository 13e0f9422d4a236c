"""The tables of judged fields in docs/why/fields.md: `python -m tools.fields_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["fields_section"]

_FOLDER = ROOT / "docs" / "performance"
_PAGE = ROOT / "docs" / "why" / "fields.md"
_START = "<!-- fields: made by `python -m tools.fields_section --write` -->\n"
_END = "<!-- end of fields -->\n"
_HALVES = (
    ("fields-held.json", "The held-back half", "not scored yet"),
    ("fields-tune.json", "The half that rules were tuned on", "not scored yet"),
    ("fields-before.json", "The same half, by the rules before", "not scored"),
)
_GROUPS = (
    ("kind", "kind"),
    ("language", "language"),
    ("domain", "domain"),
    ("confidence", "said with confidence"),
)
_HEAD = (
    "fields",
    "number",
    "personal: precision",
    "recall",
    "category: precision",
    "recall",
    "subject: precision",
    "recall",
)


def fields_section(results: Mapping[str, Mapping[str, Any] | None]) -> str:
    """A table for each half that was scored, by its file; for the others, that they were not."""
    return "\n".join(
        f"## {title}\n\n{_half(told) if told is not None else none.capitalize() + '.' + chr(10)}"
        for name, title, none in _HALVES
        for told in (results.get(name),)
    )


def _half(told: Mapping[str, Any]) -> str:
    rows = [_row("all", told["all"], interval=True), _row("verdict is sure", told["sure"], interval=True)]
    for key, title in _GROUPS:
        rows += [
            _row(f"{title} {name}", rates, recall=key != "confidence")
            for name, rates in told.get(key, {}).items()
        ]
    return table(list(_HEAD), rows)


def _row(name: str, rates: Mapping[str, Any], *, interval: bool = False, recall: bool = True) -> list[str]:
    shares = [
        _share(rates[what][side], interval=interval) if recall or side == "precision" else "-"
        for what in ("personal", "category", "subject")
        for side in ("precision", "recall")
    ]
    return [name, f"{rates['fields']:,}", *shares]


def _share(told: Mapping[str, Any], *, interval: bool) -> str:
    if told["share"] is None:
        return "-"
    ends = f" ({told['interval'][0]:.2f} to {told['interval'][1]:.2f})" if interval else ""
    return f"{told['share']:.2f}{ends}"


def _page() -> Mapping[Path, str]:
    results = {
        name: json.loads((_FOLDER / name).read_text(encoding="utf-8")) if (_FOLDER / name).is_file() else None
        for name, _, _ in _HALVES
    }
    return {_PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, fields_section(results))}


if __name__ == "__main__":
    sys.exit(main("fields_section", _page))
