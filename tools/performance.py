"""The tables and the plot of docs/why/performance.md from measured results: `python -m tools.performance
--write | --check`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table
from tools.making_section import making_section
from tools.national_section import national_picture, national_section
from tools.peers import plot_svg, tables
from tools.reading_section import reading_section
from tools.starting_section import starting_section

_RESULTS = ROOT / "docs" / "performance" / "results.json"
_PEERS = ROOT / "docs" / "performance" / "peers.json"
_PLOT = ROOT / "docs" / "performance" / "peers.svg"
_PAGE = ROOT / "docs" / "why" / "performance.md"
_START = "<!-- results: made by `python -m tools.performance --write` -->\n"
_END = "<!-- end of results -->\n"
_PEERS_START = "<!-- peers: made by `python -m tools.performance --write` -->\n"
_PEERS_END = "<!-- end of peers -->\n"
_NATIONAL = ROOT / "docs" / "performance" / "national.json"
_GROWTH = ROOT / "docs" / "performance" / "national.svg"
_NATIONAL_START = "<!-- national: made by `python -m tools.performance --write` -->\n"
_NATIONAL_END = "<!-- end of national -->\n"
_MAKING = ROOT / "docs" / "performance" / "making.json"
_MAKING_START = "<!-- making: made by `python -m tools.performance --write` -->\n"
_MAKING_END = "<!-- end of making -->\n"
_READING = ROOT / "docs" / "performance" / "reading.json"
_READING_START = "<!-- reading: made by `python -m tools.performance --write` -->\n"
_READING_END = "<!-- end of reading -->\n"
_STARTING = ROOT / "docs" / "performance" / "starting.json"
_STARTING_START = "<!-- starting: made by `python -m tools.performance --write` -->\n"
_STARTING_END = "<!-- end of starting -->\n"
_NONE = (
    "Nothing was measured yet: `make bench` for the promises, `python -m bench.peers` for the peers, "
    "`python -m bench.national` for growth, `python -m bench.making` for replays, `python -m bench.reading` for reading, "
    "`python -m bench.starting` for short commands.\n"
)


def _number(value: float, unit: str) -> str:
    shown = f"{value:,.2f}" if value < 10 else f"{value:,.0f}"
    return {
        "times": f"{shown} times",
        "GB": f"{shown} GB",
        "seconds": f"{shown} s",
        "milliseconds": f"{shown} ms",
    }[unit]


def _part(name: str, value: object) -> str:
    words = name.replace("_", " ")
    if isinstance(value, str):
        return f"{words} {value}"
    assert isinstance(value, int | float)
    if name.endswith("_seconds") or name == "seconds":
        return f"{words.removesuffix('seconds').strip() or 'time'} {value:.2f} s"
    if name.endswith("_ms"):
        return f"{words.removesuffix(' ms')} {value:.0f} ms"
    if name.endswith("_bytes"):
        return f"{words.removesuffix(' bytes')} {value / 1e9:.2f} GB"
    return f"{words} {value:,.2f}" if isinstance(value, float) and value < 100 else f"{words} {value:,.0f}"


def _tables(document: dict[str, Any]) -> str:
    machine = document["machine"]
    rows = []
    for entry in document["results"]:
        sign = "at most" if entry["at_most"] else "at least"
        value = entry["why"] if entry["value"] is None else _number(entry["value"], entry["unit"])
        kept = {True: "kept", False: "**broken**", None: "not measured"}[entry["kept"]]
        rows.append([entry["says"], f"{sign} {_number(entry['limit'], entry['unit'])}", value, kept])
    details = [
        [
            f"`{entry['name']}`",
            "; ".join(_part(name, value) for name, value in sorted(entry["parts"].items())),
            entry["measured"],
        ]
        for entry in document["results"]
    ]
    where = (
        f"Measured on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['system']}, Python {machine['python']}.\n"
    )
    return "\n".join(
        [
            where,
            table(["promise", "limit", "measured", ""], rows),
            "The parts of each number:\n",
            table(["promise", "parts", "measured on"], details),
        ]
    )


def _measured(path: Path) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def page() -> dict[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    results, peers = _measured(_RESULTS), _measured(_PEERS)
    text = between(text, _START, _END, _tables(results) if results else _NONE)
    text = between(text, _PEERS_START, _PEERS_END, tables(peers) if peers else _NONE)
    national = _measured(_NATIONAL)
    told = national_section(national, "../performance/national.svg") if national else _NONE
    text = between(text, _NATIONAL_START, _NATIONAL_END, told)
    making = _measured(_MAKING)
    text = between(text, _MAKING_START, _MAKING_END, making_section(making) if making else _NONE)
    reading = _measured(_READING)
    text = between(text, _READING_START, _READING_END, reading_section(reading) if reading else _NONE)
    starting = _measured(_STARTING)
    told = starting_section(starting) if starting else _NONE
    text = between(text, _STARTING_START, _STARTING_END, told)
    plots = {_PLOT: plot_svg(peers)} if peers else {}
    return {_PAGE: text, **plots, **({_GROWTH: national_picture(national)} if national else {})}


if __name__ == "__main__":
    sys.exit(main("performance", page))
