"""The pages of docs/extend, followed step by step in a copy of the tree: used by `python -m tools.console`, which runs every page.

Beside the marks of every page, `<!-- add: PATH -->` before a block makes a new file of the tree, and `<!-- change: PATH -->` before a
`diff` block changes one: what begins with a blank or a minus sign must stand there once, in one piece, and what begins with a blank or
a plus sign takes its place. `<!-- made -->` before a block lists the files that the commands of the page write anew. What the
page does not name must be as it was at its end; files of `try/` and those named by `<!-- file: -->` are nobody's.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from tools.generated import ROOT

__all__ = ["PAGES", "Step", "apply", "copy_tree", "differing", "is_step", "named"]

PAGES = ROOT / "docs" / "extend"
_COPIED = ("src", "tools", "tests", "docs", "changelog.d")
_FILES = ("pyproject.toml", "constraints.txt", "mkdocs.yml", "README.md", "CONTRIBUTING.md", "Makefile")
_PASSING = re.compile(r"(^|/)(__pycache__|\.[^/]*|try)(/|$)")  # caches, and what the examples scan
_STEP = re.compile(r"(add|change): (\S+)\Z")

Step = tuple[str, str]  # a block's mark and its text


def copy_tree(folder: Path) -> None:
    """What somebody who adds something works in."""
    for name in _COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _FILES:
        shutil.copy2(ROOT / name, folder / name)
    (folder / "try").mkdir()


def is_step(mark: str) -> bool:
    """Whether a block adds or changes a file of the tree."""
    return _STEP.match(mark) is not None


def apply(step: Step, folder: Path) -> str | None:
    """Do what a block says; else why it cannot be done."""
    mark, text = step
    found = _STEP.match(mark)
    if found is None:
        return f"{mark} is no step"
    path = folder / found[2]
    if found[1] == "add":
        if path.exists():
            return f"{found[2]} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return None
    if not path.is_file():
        return f"{found[2]} is not there"
    lines = text.splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    have = path.read_text(encoding="utf-8")
    times = have.count(before)
    if times != 1:
        return f"{found[2]} holds these lines {times} times:\n{before}"
    path.write_text(have.replace(before, after), encoding="utf-8")
    return None


def named(steps: Sequence[Step]) -> tuple[list[str], list[str]]:
    """The files that blocks add or change by hand, and those that a tool then writes."""
    by_hand = [found[2] for mark, _ in steps if (found := _STEP.match(mark)) is not None]
    made = [name for mark, text in steps if mark == "made" for name in text.split()]
    return list(dict.fromkeys(by_hand)), made


def differing(folder: Path) -> set[str]:
    """Files of the copy that are not as they are in the tree, or are in one of them alone."""
    here, there = _digests(ROOT), _digests(folder)
    return {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)}


def _digests(folder: Path) -> dict[str, str]:
    paths = [path for name in _COPIED for path in (folder / name).rglob("*")]
    paths += [folder / name for name in _FILES]
    names = {path.relative_to(folder).as_posix(): path for path in paths if path.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if not _PASSING.search(name)
    }
