"""Generated pages are written by `--write` and compared, never merely written, by `--check`."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["DATA", "ROOT", "between", "drift", "main", "table"]

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "src" / "whosaw" / "data"
_SHOWN = 40  # lines of a difference that still help


def between(text: str, start: str, end: str, told: str) -> str:
    """The text with `told` in place of what stands between the lines `start` and `end`."""
    before, rest = text.split(start)
    _, after = rest.split(end)
    return f"{before}{start}\n{told}\n{end}{after}"


def drift(wanted: Mapping[Path, str]) -> list[str]:
    """A line diff for each file whose content is not the wanted one; empty when all agree."""
    found: list[str] = []
    for path, text in wanted.items():
        name = path.relative_to(ROOT).as_posix()
        have = path.read_text(encoding="utf-8") if path.is_file() else ""
        if have != text:
            lines = difflib.unified_diff(
                have.splitlines(), text.splitlines(), name, "as it should be", lineterm=""
            )
            found.append("\n".join(list(lines)[:_SHOWN]) or f"{name}: differs in its line ends")
    return found


def main(name: str, make: Callable[[], Mapping[Path, str]], faults: Callable[[], list[str]] = list) -> int:
    """The command line of a generator. `faults` are those that writing cannot mend; they stop both ways."""
    parser = argparse.ArgumentParser(prog=f"python -m tools.{name}")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true", help="write the files anew")
    way.add_argument("--check", action="store_true", help="compare them and exit 1 on any difference")
    options = parser.parse_args()
    if broken := faults():
        print("\n".join(f"{name}: {fault}" for fault in broken))
        return 1
    wanted = make()
    if options.write:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return 0
    if found := drift(wanted):
        print("\n".join(found))
        print(f"{name}: out of date. Run: python -m tools.{name} --write")
        return 1
    return 0


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table. Bars and line ends inside cells are made harmless."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |\n"

    return line(head) + line(["---"] * len(head)) + "".join(line(row) for row in rows)
