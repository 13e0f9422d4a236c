"""docs/reference/formats.md from the format items: `python -m tools.formats_index --write | --check`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from tools.generated import DATA, ROOT, main, table

_PAGE = ROOT / "docs" / "reference" / "formats.md"
_HEAD = """\
# Formats

<!-- Made by `python -m tools.formats_index --write`. -->

Each format is a file in `src/whosaw/data/formats/` with its source, the date on which it was last held
against that source, and cases: lines together with the event, or the reject, that each must become.
`whosaw formats` prints this list. How one is found, and how to force one: [Formats](../howto/formats.md).

"""


def page() -> dict[Path, str]:
    items = [
        tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / "formats").glob("*.toml"))
    ]
    rows = [
        [
            f"`{item['id']}`",
            item["title"],
            item["kind"],
            str(len(item["case"])),
            item["source"],
            str(item["checked"]),
        ]
        for item in items
    ]
    return {_PAGE: _HEAD + table(["id", "what writes it", "kind", "cases", "source", "checked"], rows)}


if __name__ == "__main__":
    sys.exit(main("formats_index", page))
