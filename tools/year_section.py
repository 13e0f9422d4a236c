"""What each day of a year costs, in docs/why/performance.md, with its picture: `python -m tools.year_section --write | --check`."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import vl_convert
from bench.year import growth

from tools.generated import ROOT, between, main

__all__ = ["year_picture", "year_section"]

_RESULTS: Final = ROOT / "docs" / "performance" / "year.json"
_PICTURE: Final = ROOT / "docs" / "performance" / "year.svg"
_PAGE: Final = ROOT / "docs" / "why" / "performance.md"
_START: Final = "<!-- year: made by `python -m tools.year_section --write` -->\n"
_END: Final = "<!-- end of year -->\n"
_NONE: Final = "Nothing was measured yet. `python -m bench.year` measures it.\n"
_WIDTH: Final = 560
_HEIGHT: Final = 240
_INK: Final = "#1f4e79"
_MONTH: Final = 28


def year_section(told: Mapping[str, Any], picture: str) -> str:
    """Markdown from the document that `bench.year` wrote. `picture` is where the drawing stands, seen from the page."""
    if not told:
        return _NONE
    mornings = told["mornings"]
    seconds = [each["seconds"] for each in mornings]
    first, last = growth(mornings)
    longest = max(range(len(seconds)), key=seconds.__getitem__)
    return (
        f"A shop with {told['customers']:,} customers in which nothing happens, {len(mornings)} days of five logs, "
        f"{statistics.median(each['lines'] for each in mornings):,.0f} lines a day in the middle. Each night all of them are rotated by numbers and packed "
        f"with a delay of one day, and each morning one whole command scans them all. Measured on {told['measured']}: the first 28 days after the 28 that "
        f"are judged together took {first:.2f} s each in the middle, the last 28 took {last:.2f} s, {last / first:.2f} times as long; the longest, day "
        f"{longest + 1}, took {seconds[longest]:.2f} s. Most memory: {max(each['peak_bytes'] for each in mornings) / 1e9:.2f} GB. What the "
        f"last morning tells: {mornings[-1]['findings']} findings; whether what is told of such shops is false is "
        f"[counted apart](../design/ledger-build.md).\n\n![Seconds of each morning's scan]({picture})\n"
    )


def year_picture(told: Mapping[str, Any]) -> str:
    """Seconds of each day, and the middle of the 28 days up to it, as SVG: the same document gives the same bytes."""
    seconds = [each["seconds"] for each in told["mornings"]]
    points = [
        {"day": day + 1, "seconds": each, "middle": round(statistics.median(seconds[max(0, day - _MONTH + 1) : day + 1]), 3)}
        for day, each in enumerate(seconds)
    ]  # fmt: skip
    axis = {"gridColor": "#e5e5e5"}
    day = {
        "field": "day",
        "type": "quantitative",
        "axis": {**axis, "title": "day"},
        "scale": {"domain": [1, len(points)]},
    }

    def height(field: str) -> dict[str, Any]:
        return {
            "field": field,
            "type": "quantitative",
            "axis": {**axis, "title": "seconds"},
            "scale": {"zero": True},
        }

    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": _WIDTH,
        "height": _HEIGHT,
        "title": "seconds of each scan, and the middle of 28 days",
        "data": {"values": points},
        "layer": [
            {"mark": {"type": "point", "filled": True, "size": 10, "color": _INK, "opacity": 0.5}, "encoding": {"x": day, "y": height("seconds")}},
            {"mark": {"type": "line", "color": _INK}, "encoding": {"x": day, "y": height("middle")}},
        ],
    }  # fmt: skip
    return str(vl_convert.vegalite_to_svg(chart))


def _page() -> Mapping[Path, str]:
    told = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else {}
    text = between(
        _PAGE.read_text(encoding="utf-8"), _START, _END, year_section(told, "../performance/year.svg")
    )
    return {_PAGE: text, **({_PICTURE: year_picture(told)} if told else {})}


def _faults() -> list[str]:
    text = _PAGE.read_text(encoding="utf-8")
    return [f"{_PAGE.name} lacks the line {mark.strip()}" for mark in (_START, _END) if text.count(mark) != 1]


if __name__ == "__main__":
    sys.exit(main("year_section", _page, _faults))
