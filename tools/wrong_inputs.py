"""docs/reference/wrong-inputs.md from the table that the tests run: `python -m tools.wrong_inputs --write | --check`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from tools.generated import ROOT, main, table

_PAGE = ROOT / "docs" / "reference" / "wrong-inputs.md"
_TABLE = ROOT / "tests" / "unit" / "cli" / "wrong_inputs.toml"
_HEAD = """\
# What goes wrong, and what is said

<!-- Made by `python -m tools.wrong_inputs --write`. -->

What people get wrong ends in one clear line on standard error, and in a code. Each of these is run by the tests. Lines that are told in
full length here may go on. The codes: 0 done, 1 done and found what `--exit-code` asks about, 2 refused or failed, 3 it cannot be told
whether something holds, 130 ended by Ctrl-C.

"""


def page() -> dict[Path, str]:
    rows = [
        [f"`whosaw {each['do']}`", _files(each.get("files", {})), each["says"], str(each.get("exit", 2))]
        for each in tomllib.loads(_TABLE.read_text(encoding="utf-8"))["wrong"]
    ]
    return {_PAGE: _HEAD + table(["command", "where a file says", "what is said", "exit"], rows)}


def _files(files: dict[str, str]) -> str:
    return "; ".join(
        f"{name}: `{' '.join(text.split())}`" for name, text in files.items() if text.strip() not in ("", "x")
    )


if __name__ == "__main__":
    sys.exit(main("wrong_inputs", page))
