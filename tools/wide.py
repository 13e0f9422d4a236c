"""Keeps the last result of `make test-wide` with the commit and the files it belongs to, and refuses it once these have changed:
`python -m tools.wide --begin | --write | --check`.

tests/wide.toml says which files the room of a wide test are. What is compared is what they hold, by digest: Python without its
imports and empty lines, all else as it is. So a file may move, and may import from elsewhere.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.generated import ROOT

__all__ = ["changed", "digest", "fault", "room_files"]

_ROOMS = ROOT / "tests" / "wide.toml"
_KEPT = ROOT / "docs" / "performance" / "wide.json"
_BEGUN = ROOT / ".build" / "wide.json"


def digest(name: str, data: bytes) -> str:
    """What a file holds, wherever it lies and whatever it imports."""
    if name.endswith(".py"):
        lines = data.decode("utf-8").split("\n")
        for node in ast.walk(ast.parse(data)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert node.end_lineno is not None
                lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
        data = "\n".join(line for line in lines if line.strip()).encode()
    return hashlib.sha256(data).hexdigest()[:20]


def room_files(room: Mapping[str, Any]) -> list[Path]:
    """The files of a room. Raises SystemExit for a pattern or a module that names none."""
    found: set[Path] = set()
    for pattern in room["files"]:
        matched = [path for path in ROOT.glob(pattern) if path.is_file() and "__pycache__" not in path.parts]
        if not matched:
            raise SystemExit(f"wide: {pattern} of tests/wide.toml names no file")
        found.update(matched)
    return sorted(found | _needed(room["modules"], room["packages"]))


def _needed(modules: list[str], packages: list[str]) -> set[Path]:
    """Those modules, and what they import of these packages."""
    import grimp

    graph = grimp.build_graph("whosaw")
    names: set[str] = set()
    for name in modules:
        module = f"whosaw.{name}"
        if module not in graph.modules:
            raise SystemExit(
                f"wide: there is no module {module} any more; say in tests/wide.toml what took its place"
            )
        names |= {module, *graph.find_upstream_modules(module)}
    inside = tuple(f"whosaw.{each}." for each in packages)
    return {
        ROOT.joinpath("src", *name.split(".")).with_suffix(".py") for name in names if name.startswith(inside)
    }


def changed(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Names of files whose content is not among that of then, and of those whose content is not among that of now."""
    more = Counter(now.values()) - Counter(then.values())
    fewer = Counter(then.values()) - Counter(now.values())
    names = {name for name, value in now.items() if more[value]} | {
        name for name, value in then.items() if fewer[value]
    }
    return sorted(names)


def fault(name: str, kept: Mapping[str, Any] | None, now: Mapping[str, str]) -> str | None:
    """Why the result that is kept of a room does not hold."""
    how = "Run `make test-wide` and commit docs/performance."
    if kept is None:
        return f"wide: nothing is kept of `{name}`. {how}"
    if names := changed(kept["files"], now):
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        return (
            f"wide: the result of `{name}` is of commit {kept['commit'][:10]}; changed since: {shown}. {how}"
        )
    if kept["escaped"]:
        return f"wide: in the result of `{name}` {kept['escaped']} requests escaped."
    return None


def _now(room: Mapping[str, Any]) -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): digest(path.name, path.read_bytes()) for path in room_files(room)
    }


def _rooms() -> dict[str, Any]:
    return tomllib.loads(_ROOMS.read_text(encoding="utf-8"))


def _git(*words: str) -> str:
    command = ["git", *words]  # it is found where the machine keeps it
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _begin() -> dict[str, dict[str, str]]:
    """The rooms as they are committed. What is not committed is of no commit."""
    rooms = {name: _now(room) for name, room in _rooms().items()}
    if dirty := _git("status", "--porcelain", "--", *(each for files in rooms.values() for each in files)):
        raise SystemExit(f"wide: commit these first, so that the result belongs to a commit:\n{dirty}")
    return rooms


def _write() -> None:
    begun = json.loads(_BEGUN.read_text(encoding="utf-8"))
    now = _begin()
    kept = {}
    for name, room in _rooms().items():
        if names := changed(begun["rooms"][name], now[name]):
            raise SystemExit(f"wide: while it ran, these changed: {', '.join(names)}. Run it again.")
        rows = [
            json.loads(each.read_text(encoding="utf-8"))
            for each in sorted((ROOT / room["rows"]).glob("*.json"))
        ]
        sums = {each: sum(row[each] for row in rows) for each in ("sent", "served", "escaped")}
        kept[name] = {"commit": begun["commit"], "rows": len(rows), **sums, "files": now[name]}
    _KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.wide")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--begin", action="store_true", help="note which files the run is about to judge")
    way.add_argument("--write", action="store_true", help="keep the result of the run that is over")
    way.add_argument("--check", action="store_true", help="exit 1 where a kept result is older than its room")
    options = parser.parse_args()
    if options.begin:
        _BEGUN.parent.mkdir(parents=True, exist_ok=True)
        begun = {"commit": _git("rev-parse", "HEAD"), "rooms": _begin()}
        _BEGUN.write_text(json.dumps(begun), encoding="utf-8")
        return 0
    if options.write:
        _write()
        return 0
    kept = json.loads(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else {}
    found = [said for name, room in _rooms().items() if (said := fault(name, kept.get(name), _now(room)))]
    print(
        "\n".join(found)
        or "wide: "
        + "; ".join(f"`{name}` holds, of commit {each['commit'][:10]}" for name, each in kept.items())
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
