"""What is read as context, and what "none" means, in docs/howto/context-from-logs.md: `python -m tools.context_systems --write | --check`."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.generated import ROOT, between, main, table
from whosaw.actors.context_schema import table_schemas
from whosaw.actors.context_systems import load_systems

__all__ = ["none_table", "systems_table"]

_PAGE = ROOT / "docs" / "howto" / "context-from-logs.md"
_SYSTEMS = (
    "<!-- systems: made by `python -m tools.context_systems --write` -->\n",
    "<!-- end of systems -->\n",
)
_NONE = ("<!-- none: made by `python -m tools.context_systems --write` -->\n", "<!-- end of none -->\n")


def systems_table() -> str:
    """Every system: what it fills, what its ids join with, and what it does not record."""
    rows = [
        [
            f"`{each.id}`",
            each.title,
            "; ".join(f"{name}: {', '.join(each.columns(name))}" for name in each.tables),
            each.ids,
            "; ".join((*each.gaps, *([f"perhaps not whole: {each.whole.why}"] if each.whole else []))),
        ]
        for _, each in sorted(load_systems().items())
    ]
    return table(["format", "what it is", "fills", "its ids are", "not in it"], rows)


def none_table() -> str:
    """What it means that there is none of a table."""
    rows = [[f"`{name}`", schema.none.means] for name, schema in sorted(table_schemas().items())]
    return table(["none of", "means"], rows)


def page() -> dict[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    text = between(text, *_SYSTEMS, systems_table())
    return {_PAGE: between(text, *_NONE, none_table())}


if __name__ == "__main__":
    sys.exit(main("context_systems", page))
