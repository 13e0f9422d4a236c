"""docs/reference/asvs.md, and the measures of docs/why/threat-model.md, from tools/security.toml: `python -m tools.security --write | --check`.

A test that is named and is not there stops it.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

_ITEMS = ROOT / "tools" / "security.toml"
_ASVS = ROOT / "docs" / "reference" / "asvs.md"
_MODEL = ROOT / "docs" / "why" / "threat-model.md"
_START = "<!-- measures: made by `python -m tools.security --write` -->\n"
_END = "<!-- end of measures -->\n"
_HEAD = """\
# What of OWASP ASVS is held

Made by `python -m tools.security --write` from `tools/security.toml`; a test that is named and is not there stops it. The lines are
those of [OWASP ASVS 5.0.0](https://owasp.org/www-project-application-security-verification-standard/), levels 1 and 2 and some of level
3, that apply to the console and the API, in our words. A line that is not here was not looked at. It is our own list: nobody else
examined it.

"""


def items() -> Mapping[str, list[dict[str, Any]]]:
    """What the file says."""
    return tomllib.loads(_ITEMS.read_text(encoding="utf-8"))


@cache
def _tests(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    return frozenset(
        each.name
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(each, ast.FunctionDef)
    )


def faults() -> list[str]:
    """Tests that are not there, and lines that say neither how they are held nor what is open."""
    found = []
    for each in (*items()["asvs"], *items()["measure"]):
        name = each.get("id") or each["threat"]
        if bool(each.get("tests")) == bool(each.get("open")):
            found.append(f"{name}: it needs tests, or says what is open")
        for test in each.get("tests", ()):
            file, _, function = test.partition("::")
            if function not in _tests(file):
                found.append(f"{name}: there is no test {test}")
    return found


def _named(tests: list[str]) -> str:
    return "; ".join(
        f"`{Path(each.partition('::')[0]).name}`: {each.partition('::')[2].removeprefix('test_').replace('_', ' ')}"
        for each in tests
    )


def pages() -> dict[Path, str]:
    """Both pages."""
    lines = sorted(items()["asvs"], key=lambda each: [int(part) for part in each["id"][1:].split(".")])
    held = [each for each in lines if "tests" in each]
    rows = [[each["id"], str(each["level"]), each["says"], _named(each["tests"])] for each in held]
    still = [[each["id"], str(each["level"]), each["says"], each["open"]] for each in lines if "open" in each]
    asvs = (
        f"{_HEAD}## Held: {len(held)}\n\n{table(['line', 'level', 'what', 'test'], rows)}\n"
        f"## Open: {len(still)}\n\n{table(['line', 'level', 'what', 'what is missing'], still)}"
    )
    measures = [
        [each["threat"], each["does"], each["left"], _named(each["tests"])] for each in items()["measure"]
    ]
    told = table(["threat", "measure", "what is left", "test"], measures)
    return {_ASVS: asvs, _MODEL: between(_MODEL.read_text(encoding="utf-8"), _START, _END, told)}


if __name__ == "__main__":
    sys.exit(main("security", pages, faults))
