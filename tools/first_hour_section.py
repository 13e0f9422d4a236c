"""How long the pages of the first hour take, on each of them: `python -m tools.first_hour_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["first_hour_section"]

_RESULTS = ROOT / "docs" / "performance" / "first-hour.json"
_START = "<!-- took: made by `python -m tools.first_hour_section --write` -->\n"
_END = "<!-- end of took -->\n"


def first_hour_section(told: Mapping[str, Any], page: str) -> str:
    """Markdown about one page, from the document that `bench.first_hour` wrote."""
    machine, found = told["machine"], told["pages"][page]
    commands = found["commands"]
    seconds, cpu = (sum(each[name] for each in commands) for name in ("seconds", "cpu_seconds"))
    rows = [
        [f"`{each['command']}`", f"{each['seconds']:.1f} s", f"{each['cpu_seconds']:.1f} s"]
        for each in commands
    ]
    rows.append(["all", f"{seconds:.1f} s", f"{cpu:.1f} s"])
    return "\n".join(
        [
            (
                f"{len(commands)} commands and {found['lines']:,} lines of logs. Followed {told['rounds']} times, the least of each command, "
                f"on {machine['cores']} cores ({machine['processor']}), Python {machine['python']}, {told['measured']}; reading and "
                "deciding takes you longer.\n"
            ),
            table(["command", "takes", "of the processor"], rows),
        ]
    )


def _pages() -> Mapping[Path, str]:
    told = json.loads(_RESULTS.read_text(encoding="utf-8"))
    pages = {ROOT / "docs" / f"{page}.md": page for page in told["pages"]}
    return {
        path: between(path.read_text(encoding="utf-8"), _START, _END, first_hour_section(told, page))
        for path, page in pages.items()
    }


if __name__ == "__main__":
    sys.exit(main("first_hour_section", _pages))
