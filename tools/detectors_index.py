"""docs/reference/detectors.md from the detector items: `python -m tools.detectors_index --write | --check`."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.generated import DATA, ROOT, main, table

_PAGE = ROOT / "docs" / "reference" / "detectors.md"
_HEAD = """\
# Detectors

<!-- Made by `python -m tools.detectors_index --write`. -->

Each detector is a file in `src/whosaw/data/detectors/` with the reasons for its numbers, what it cannot see, and cases:
views together with the finding, or the silence, that must come of them. Taking any clause, number or condition away
changes a case. How they work together: [How a finding comes about](../why/detection.md).

"""
_COUNTS = {
    "any": "all views",
    "not-explained": "views without an explanation on record",
    "unexplained": "views that were looked up and have no explanation",
}
_UNITS = {
    "persons": "people",
    "canary": "planted people",
    "sign": "people",
    "walk": "people in order",
    "records": "people in lists",
    "list": "people in a list",
    "surge": "people on one page",
    "way": "people",
}


def page() -> dict[Path, str]:
    items = [
        tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((DATA / "detectors").glob("*.toml"))
    ]
    rows = [
        [
            f"[`{item['id']}`](#{item['id']})",
            item["title"],
            item["technique"],
            ", ".join(item["needs"]) or "views alone",
        ]
        for item in items
    ]
    listed = table(["id", "what it finds", "ATT&CK", "cannot tell without"], rows)
    return {_PAGE: _HEAD + listed + "".join(_section(item) for item in items)}


def _section(item: Mapping[str, Any]) -> str:
    rows = [
        [
            f"`{each['id']}`",
            _who(each),
            _COUNTS[each["counts"]],
            _least(item["kind"], each),
            each["confidence"],
        ]
        for each in item["clause"]
    ]
    blind = "".join(f"- {' '.join(each.split())}\n" for each in item["blind_spots"])
    tried = ", ".join(f"`{each}`" for each in item["explanations"]) or "nothing"
    return (
        f"\n## {item['id']}\n\n{item['title']}. {' '.join(item['why'].split())}\n\n"
        + table(["clause", "put together by", "counts", "from", "confidence"], rows)
        + f"\nSet aside first: {tried}. Cases: {len(item['case'])}.\n\nIt cannot see:\n\n{blind}"
    )


def _who(clause: Mapping[str, Any]) -> str:
    who = " and ".join(clause["group_by"])
    lacks = f", where there is no {' or '.join(clause['lacks'])}" if clause.get("lacks") else ""
    return who + lacks


def _least(kind: str, clause: Mapping[str, Any]) -> str:
    """The thresholds, and what else must be so."""
    if kind == "canary":
        return f"{_UNITS[kind]}: {clause['canaries']:,}"
    windows = clause["records" if kind in ("records", "list") else "persons"]
    several = " or ".join(f"{number:,} in {length}" for length, number in windows.items())
    parts = [f"{_UNITS[kind]}: {several}"]
    if "least_percent" in clause:
        parts.append(f"at least {clause['least_percent']} % of all")
    if "least_times" in clause:
        usual = "its baseline" if kind == "surge" else "the baseline"
        parts.append(f"{clause['least_times']} times {usual}")
    if "pages" in clause:
        parts.append(f"after {clause['pages']} full pages")
    if "chance" in clause:
        parts.append(f"by luck {clause['chance']} scans")
    if "never_among" in clause:
        parts.append(f"none among {clause['never_among']:,} others")
    if "walk" in clause:
        walk = clause["walk"]
        parts.append(
            f"numbers up to {walk['near']} apart, within {walk['within']} and {walk['recent']} people"
        )
    return "; ".join(parts)


if __name__ == "__main__":
    sys.exit(main("detectors_index", page))
