"""docs/reference/project-file.md from the keys themselves: `python -m tools.project_file --write | --check`."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.generated import ROOT, main, table
from whosaw.app.project.keys import KEYS

_PAGE = ROOT / "docs" / "reference" / "project-file.md"
_HEAD = """\
# The project file

<!-- Made by `python -m tools.project_file --write`. -->

`whosaw.toml` at the top of a folder says once what every command would have to be told. A command finds it in the folder where it
runs or in the nearest one above, and runs as if it had been called beside it; paths in it are relative to it, paths that you name
stay relative to where you are. Flags go before it, and so do `WHOSAW_WORKSPACE` and `WHOSAW_KEY_FILE`. `whosaw config` shows what
holds and why; `whosaw init FOLDER` drafts one ([your first hour](../first-hour.md)).

Without paths, `whosaw scan` and `whosaw watch` read the logs that it names, and `whosaw map check` checks its map on them. Each file
is read as the first `[[logs]]` says that it fits; the same holds for files that are named.

A key that is not known is refused, and so is a file that it names and that is not there. All faults are told at once, each with its line.

```toml
"""


def page() -> dict[Path, str]:
    top = [
        f"{each.name} = {each.example}" for each in KEYS if "." not in each.name and each.name != "context"
    ]
    context = [
        f"{each.name.removeprefix('context.')} = {each.example}"
        for each in KEYS
        if each.name.startswith("context.")
    ]
    logs = [
        f"{each.name.removeprefix('logs.')} = {each.example}"
        for each in KEYS
        if each.name.startswith("logs.") and ".twins." not in each.name
    ]
    twins = [
        f"{each.name.removeprefix('logs.twins.')} = {each.example}" for each in KEYS if ".twins." in each.name
    ]
    keeping = [
        f"{each.name.removeprefix('keeping.')} = {each.example}"
        for each in KEYS
        if each.name.startswith("keeping.")
    ]
    example = [*top, "", "[context]", *context, "", "[keeping]", *keeping]
    example += ["", "[[logs]]", *logs, f"twins = {{ {', '.join(twins)} }}"]
    behind = ["", "[[logs]]", 'files = ["logs/app"]', 'source = "app"']
    rows = [[f"`{each.name}`", each.kind, each.says] for each in KEYS]
    text = (
        _HEAD
        + "\n".join([*example, *behind])
        + "\n```\n\n"
        + table(["key", "value", "what it says"], rows)
        + "\n"
    )
    return {_PAGE: text}


if __name__ == "__main__":
    sys.exit(main("project_file", page))
