"""docs/reference/categories.md from the pack: `python -m tools.categories_index --write | --check`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from tools.generated import DATA, ROOT, main, table

_PAGE = ROOT / "docs" / "reference" / "categories.md"
_HEAD = """\
# Categories

<!-- Made by `python -m tools.categories_index --write`. -->

What kind of personal data a response carries. A key is dotted; its parent is the part before the last dot.
Beside each stands the term of the W3C Data Privacy Vocabulary (DPV) that comes closest, a sensitivity from 1
(low) to 4 (high), and the laws that treat it as special.

"""


def page() -> dict[Path, str]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((DATA / "categories").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found.update({item["key"]: item for item in data["category"]})
    rows = [
        [
            f"`{key}`",
            str(item["title"]),
            str(item.get("sensitivity", "")),
            ", ".join(item.get("special", [])) or "none",
            str(item.get("dpv", "")),
            str(item.get("description", "")),
        ]
        for key, item in sorted(found.items())
    ]
    return {
        _PAGE: _HEAD + table(["key", "what it is", "sensitivity", "special under", "DPV", "meaning"], rows)
    }


if __name__ == "__main__":
    sys.exit(main("categories_index", page))
