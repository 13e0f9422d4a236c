"""How fast the console answers, on the page for teams: `python -m tools.console_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["console_section"]

_RESULTS = ROOT / "docs" / "performance" / "console.json"
_PAGE = ROOT / "docs" / "howto" / "team.md"
_START = "<!-- console: made by `python -m tools.console_section --write` -->\n"
_END = "<!-- end of console -->\n"
_NOTHING = "Nothing was measured on a quiet machine yet: `python -m bench.console` does."


def console_section(told: Mapping[str, Any] | None) -> str:
    """Markdown from the document that `bench.console` wrote; None: there is none."""
    if told is None:
        return _NOTHING
    machine, ledger, live, memory = told["machine"], told["ledger"], told["live"], told["memory"]
    rows = [
        [
            name,
            f"{each['median_ms']:,} ms",
            f"{each['p95_ms']:,} ms",
            f"{each['times_bare_median']:,}",
        ]
        for name, each in told["pages"].items()
    ]
    first, last, most = memory["megabytes"][0], memory["megabytes"][-1], max(memory["megabytes"])
    return "\n".join(
        [
            (
                f"On {machine['cores']} cores ({machine['processor']}), Python {machine['python']}, {told['measured']}: "
                f"{ledger['people']:,} people and {ledger['exposures']:,} exposures, each page asked {told['rounds']} times in turns with a bare "
                f"page of the same framework. The console was open after {told['start_s']} s.\n"
            ),
            table(["page", "median", "95th percentile", "times the bare page"], rows),
            (
                f"\nFrom a line in a log that is followed to {live['readers']} open pages, {live['findings']} findings one after another: "
                f"{live['median_s']} s in the median, {live['p99_s']} s at the 99th percentile; it stood in the ledger after "
                f"{live['in_ledger']['median_s']} s, {live['in_ledger']['worst_s']} s at most. Memory over {memory['requests']:,} requests: "
                f"{first:,} MB before, {last:,} MB after, {most:,} MB at most."
            ),
        ]
    )


def _pages() -> Mapping[Path, str]:
    told = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else None
    return {_PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, console_section(told))}


if __name__ == "__main__":
    sys.exit(main("console_section", _pages))
