"""Runs the commands that README.md and docs/ show, and compares what they print:
`python -m tools.console [PAGE ...] [--write]`.

On a page, `<!-- file: NAME -->` before a code block writes the block to NAME, and `<!-- run -->` before a
`console` block runs its `$` lines; both in one empty folder per page, from top to bottom. The lines below a
command are its whole output; `...` stands for any text within a line and, alone on a line, for any lines.
`<!-- run: exit 2 -->` expects that exit code. Pages of docs/extend are followed in a copy of the tree (tools/extend.py). A `console` block that cannot be run says why: `<!-- not run:
it needs your logs -->`. With `--write` an output that differs, or is `...` alone, is replaced by the
real one.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import extend
from tools.generated import ROOT

__all__ = ["Block", "Runs", "blocks", "by_shell", "check", "commands", "environment", "matches", "pages"]

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n+)?^```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_RUN = re.compile(r"run(?:: exit (\d+))?\Z")
_LONGEST = 800  # seconds: a hang, also on a slow machine
_OPEN = "...\n"  # an output that nobody has filled in yet
_NUMBER = re.compile(r"\b([cp])\d+\b")
_HEAD = re.compile(r"^whosaw: custody head [^\n]*\n", re.MULTILINE)
_VARIES = (
    (re.compile(r"(?<=custody head )\d+:[0-9a-f]{32}"), "..."),
    (re.compile(r"\d+\.\d s(?=[,) ])"), "... s"),
    (re.compile(r"[\d,]+ (?=lines a second|a second)"), "... "),
    (re.compile(r"\d+(?= deselected in )"), "..."),
    (re.compile(r"(?<= in )\d+\.\d\ds(?: \(\d+:\d\d:\d\d\))?$", re.MULTILINE), "..."),
)


# a command in a folder and an environment: its exit code and what it prints, or None where the shell has to run it
Runs = Callable[[str, str, Mapping[str, str]], tuple[int, str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page: its text lies at `start` to `end` of the page's text."""

    mark: str
    language: str
    text: str
    start: int
    end: int


def pages() -> list[Path]:
    """Every page a reader may copy a command from."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page from top to bottom, each with the comment just above it."""
    for match in _BLOCK.finditer(page):
        yield Block(
            mark=match["mark"] or "",
            language=match["language"],
            text=match["text"],
            start=match.start("text"),
            end=match.end("text"),
        )


def matches(expected: str, printed: str) -> bool:
    """Whether a program printed what a page says it prints.

    The numbers of persons and clients (p2, c1) may be others: a workspace deals them out under its own key. The head of the custody
    journal, with which every command that writes ends, is another each time; a page need not show it.
    """
    if _HEAD.search(expected) is None:
        printed = _HEAD.sub("", printed)
    pattern = ""
    for line in expected.rstrip("\n").split("\n") if expected.strip() else []:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*"
        else:
            text = "[^\n]*".join(re.escape(piece) for piece in line.rstrip().split("..."))
            pattern += _NUMBER.sub(r"\\b\1\\d+\\b", text) + r"\n"
    have = (
        "".join(f"{line.rstrip()}\n" for line in printed.rstrip("\n").split("\n")) if printed.strip() else ""
    )
    return re.fullmatch(pattern, have) is not None


def commands(text: str) -> Iterator[tuple[str, str]]:
    """(command, expected output) pairs of a console block."""
    command, expected = "", ""
    for line in text.splitlines(keepends=True):
        if command.endswith("\\\n"):
            command += line
        elif line.startswith("$ "):
            if command:
                yield command, expected
            command, expected = line[2:], ""
        else:
            expected += line
    if command:
        yield command, expected


def environment(home: str, *, in_tree: bool) -> dict[str, str]:
    """The same for everyone: width, language, zone, no colours, and the programs of this Python first. In a copy of the tree, its
    whosaw goes before the installed one."""
    fixed = {
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "TZ": "UTC",
        "HOME": home,
        **({"PYTHONPATH": f"{home}/src:{home}", "PYTHONDONTWRITEBYTECODE": "1"} if in_tree else {}),
    }
    return {**fixed, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def _shown(printed: str) -> str:
    """Printed text as a page shows it: what differs from run to run is left open."""
    for pattern, text in _VARIES:
        printed = pattern.sub(text, printed)
    return (
        "".join(f"{line.rstrip()}\n" for line in printed.rstrip("\n").split("\n")) if printed.strip() else ""
    )


def by_shell(command: str, folder: str, around: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of a command, and all that it prints."""
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=around,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LONGEST,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _run(
    block: Block, folder: str, wanted_exit: int, *, fill: bool, in_tree: bool, runs: Runs | None
) -> tuple[str, list[str]]:
    """The block as it should read, and what differs from how it does read."""
    text, found = "", []
    around = environment(folder, in_tree=in_tree)
    for command, expected in commands(block.text):
        told = runs(command, folder, around) if runs and not in_tree else None
        code, printed = told or by_shell(command, folder, around)
        if code != wanted_exit:
            found.append(f"$ {command.strip()}\nexit {code}, not {wanted_exit}:\n{printed}")
        elif not matches(expected, printed) or (fill and expected == _OPEN):
            found.append(f"$ {command.strip()}\nthe page says:\n{expected}it printed:\n{printed}")
            kept = printed if _HEAD.search(expected) else _HEAD.sub("", printed)
            text += f"$ {command}{_shown(kept)}"
            continue
        text += f"$ {command}{expected}"
    return text, found


def check(page: Path, *, write: bool = False, runs: Runs | None = None) -> list[str]:
    """What differs on a page between what it shows and what happens; `write` mends the outputs. `runs` is asked to run a command before
    the shell is."""
    text = page.read_text(encoding="utf-8")
    name = page.relative_to(ROOT).as_posix()
    found: list[str] = []
    mended: list[tuple[Block, str]] = []
    in_tree = page.parent == extend.PAGES
    with tempfile.TemporaryDirectory() as folder:
        if in_tree:
            extend.copy_tree(Path(folder))
        for block in blocks(text):
            if block.mark.startswith("file: "):
                target = Path(folder, block.mark.removeprefix("file: "))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.text, encoding="utf-8")
            elif extend.is_step(block.mark):
                fault = extend.apply((block.mark, block.text), Path(folder))
                found += [f"{name}: {fault}"] if fault else []
            elif run := _RUN.match(block.mark):
                real, faults = _run(block, folder, int(run[1] or 0), fill=write, in_tree=in_tree, runs=runs)
                found += [f"{name}: {fault}" for fault in faults]
                mended.append((block, real))
            elif block.language == "console" and not block.mark.startswith("not run: "):
                found.append(f"{name}: a console block is neither run nor says why not:\n{block.text}")
        if in_tree:
            by_hand, made = extend.named([(block.mark, block.text) for block in blocks(text)])
            told, differ = {*by_hand, *made}, extend.differing(Path(folder))
            found += [f"{name}: does not name {each}, which differs" for each in sorted(differ - told)]
            found += [f"{name}: names {each}, which is as it was" for each in sorted(told - differ)]
    if write:
        for block, real in reversed(mended):
            text = text[: block.start] + real + text[block.end :]
        page.write_text(text, encoding="utf-8")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.console")
    parser.add_argument("pages", nargs="*", type=Path, help="the pages (default: README.md and all of docs/)")
    parser.add_argument("--write", action="store_true", help="put the real outputs on the pages")
    options = parser.parse_args()
    chosen = [page.resolve() for page in options.pages] or pages()
    found = [fault for page in chosen for fault in check(page, write=options.write)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
