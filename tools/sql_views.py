"""docs/reference/sql.md from the views themselves: `python -m tools.sql_views --write | --check`."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.generated import ROOT, main, table
from whosaw.app.asking.sql_views import SQL_VIEWS

_PAGE = ROOT / "docs" / "reference" / "sql.md"
_HEAD = """\
# Views for SQL

<!-- Made by `python -m tools.sql_views --write`. -->

What [`whosaw sql`](../howto/sql.md) asks, in the words of the [glossary](../glossary.md). Numbers of persons and clients are those of
other commands, without their letter. Columns that end in `_shown` are masked. Times are instants; those printed, and functions such
as `date_trunc`, follow `--tz`.
"""


def page() -> dict[Path, str]:
    parts = [_HEAD]
    for view in SQL_VIEWS:
        rows = [[f"`{each.name}`", each.type, each.about] for each in view.columns]
        parts.append(
            f"\n## {view.name}\n\n{view.about}\n\n{table(['column', 'type', 'what it holds'], rows)}"
        )
    return {_PAGE: "".join(parts)}


if __name__ == "__main__":
    sys.exit(main("sql_views", page))
