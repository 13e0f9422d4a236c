"""The pictures of a terminal that README.md and docs/ show: `python -m tools.screens --write | --check`.

`--write` follows the page that a picture belongs to, runs its command as a terminal with colours would, and keeps what was printed in
tools/screens/. `--check` runs nothing: each picture has to be what is drawn from that text, and the text has to be what the page says
is printed, which tests/docs holds against what happens. A picture of questions and answers is of no command of the page: tests/docs types
them on a terminal again.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import console, generated
from tools.generated import ROOT
from tools.pseudo_terminal import Answer, left_on_screen, typed
from tools.terminal import DARK, LIGHT, drawn, plain, printed, with_prompt

__all__ = ["SCREENS", "Screen", "asked", "faults", "pictures"]

_TEXTS = ROOT / "tools" / "screens"
_PICTURES = ROOT / "docs" / "pictures"
_COLUMNS = 100  # as the pages are run


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A picture: its name, and the command of a page whose output it shows."""

    name: str
    page: str
    command: str
    answers: tuple[
        Answer, ...
    ] = ()  # what is typed, where it asks a person: with the files of the page, and not among its commands
    before: str = ""  # what is run before it then

    @property
    def text(self) -> Path:
        return _TEXTS / f"{self.name}.ansi"


_KEYS = "[q]uit: "
SCREENS = (
    Screen(name="who", page="docs/answer-for-it.md", command="whosaw who 4711 --tz Africa/Nairobi"),
    Screen(
        name="init",
        page="docs/first-hour-bank.md",
        command="whosaw init logs",
        answers=(
            Answer(after="[mobile]: ", keys="\n"),
            Answer(after="or none: ", keys="\n"),
            Answer(after="(such as Asia/Seoul): ", keys="Africa/Nairobi\n"),
            Answer(after="[teller]: ", keys="\n"),
            Answer(after="or none: ", keys="18:00-07:00\n"),
            Answer(after="not known yet): ", keys="delegations, roles\n"),
            Answer(after="[en]: ", keys="sw\n"),
        ),
    ),
    Screen(
        name="map-review",
        page="docs/first-hour-bank.md",
        command="whosaw map review map.toml",
        before="init logs --tz Africa/Nairobi",
        answers=(
            Answer(after=_KEYS, keys="e\n"),
            Answer(after="(TOML): ", keys='categories = ["financial.balance"]\n'),
            Answer(after=_KEYS, keys="a\n"),
            Answer(after=_KEYS, keys="s\n"),
            Answer(after=_KEYS, keys="q\n"),
        ),
    ),
)


def _steps(screen: Screen) -> Iterator[tuple[str, str, str]]:
    """What a reader of the page does up to the command of the picture: (kind, what, its text or output)."""
    for block in console.blocks((ROOT / screen.page).read_text(encoding="utf-8")):
        if block.mark.startswith("file: "):
            yield "file", block.mark.removeprefix("file: "), block.text
        elif block.mark.startswith("run"):
            for command, expected in console.commands(block.text):
                yield "run", command.strip(), expected
                if command.strip() == screen.command:
                    return
    raise LookupError(f"{screen.page} does not run: {screen.command}")


def _follow(screen: Screen) -> str:
    """What the command of the picture prints, in colours, after all that stands before it on its page."""
    with tempfile.TemporaryDirectory() as folder:
        around, shown = console.environment(folder, in_tree=False), ""
        for kind, what, text in _steps(screen):
            if kind == "file":
                path = Path(folder, what)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            else:
                shown = printed(["/bin/sh", "-c", what], Path(folder), _COLUMNS, around)
    lines = shown.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("whosaw: custody head "))


def asked(screen: Screen) -> str:
    """What then stands on a terminal on which the answers of the picture were typed, in a folder with the files of its page."""
    with tempfile.TemporaryDirectory() as name:
        folder, around = Path(name), console.environment(name, in_tree=False)
        if "PYTHONPATH" in os.environ:
            around["PYTHONPATH"] = os.environ["PYTHONPATH"]
        for block in console.blocks((ROOT / screen.page).read_text(encoding="utf-8")):
            if block.mark.startswith("file: logs/"):
                path = folder / block.mark.removeprefix("file: ")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
        whosaw = [sys.executable, "-m", "whosaw"]
        if screen.before:
            printed([*whosaw, *shlex.split(screen.before)], folder, _COLUMNS, around)
        words = shlex.split(screen.command)[1:]
        _, told = typed([*whosaw, *words], screen.answers, folder, columns=_COLUMNS, environment=around)
    return left_on_screen(told, _COLUMNS)


def faults() -> list[str]:
    """A line for each picture whose text is not what its page says."""
    found = []
    for screen in SCREENS:
        if screen.answers:
            continue
        told = plain(screen.text.read_text(encoding="utf-8")) if screen.text.is_file() else ""
        *_, (_, _, expected) = _steps(screen)
        if not console.matches(expected, told):
            found.append(
                f"{screen.name}: {screen.page} shows another output. Run: python -m tools.screens --write"
            )
    return found


def pictures() -> Mapping[Path, str]:
    """Each picture by its file, in both colour schemes, drawn from the text that is kept."""
    wanted = {}
    for screen in SCREENS:
        told = with_prompt(screen.command, screen.text.read_text(encoding="utf-8"))
        for scheme, name in ((LIGHT, "light"), (DARK, "dark")):
            wanted[_PICTURES / f"{screen.name}-{name}.svg"] = drawn(told, scheme, title=screen.command)
    return wanted


def main() -> int:
    if sys.argv[1:] == ["--write"]:
        _TEXTS.mkdir(exist_ok=True)
        for screen in SCREENS:
            shown = asked(screen) if screen.answers else _follow(screen)
            screen.text.write_text(shown, encoding="utf-8")
    return generated.main("screens", pictures, faults)


if __name__ == "__main__":
    sys.exit(main())
