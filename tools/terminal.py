"""Draws what a program printed to a terminal, colours and all, as SVG in both colour schemes.

`python -m tools.terminal [--columns N] -- COMMAND ...` runs a command as a terminal of that width would show it and writes
`screen-light.svg` and `screen-dark.svg` beside `screen.ansi` into the current folder, for looking at.

Every run of characters says how long it is, so the columns stand one below the other in whatever fixed-width font the reader has.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style

__all__ = ["DARK", "LIGHT", "Scheme", "contrast", "drawn", "plain", "printed"]

_SIZE, _CELL, _LINE, _EDGE = 14.0, 8.4, 20, 18
_FONT = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_PIECES = re.compile(
    r"\S+(?: \S+)*"
)  # words with one space between them; wider gaps are left out of the drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The colours of a terminal; those by name are the eight that programs ask for."""

    ground: str
    edge: str
    ink: str
    faint: str
    prompt: str
    named: Mapping[str, str]


LIGHT = Scheme(
    ground="#ffffff",
    edge="#d8dde3",
    ink="#1b1f24",
    faint="#57606a",
    prompt="#b34a0c",
    named={
        "black": "#1b1f24",
        "red": "#b42318",
        "green": "#1a7f4b",
        "yellow": "#8a5a00",
        "blue": "#1f5fa8",
        "magenta": "#7a3e9d",
        "cyan": "#0b6b7d",
        "white": "#57606a",
    },
)
DARK = Scheme(
    ground="#15181c",
    edge="#343a41",
    ink="#e8eaed",
    faint="#a3abb5",
    prompt="#f28d3c",
    named={
        "black": "#a3abb5",
        "red": "#ff9b8f",
        "green": "#63c991",
        "yellow": "#e5b55c",
        "blue": "#86baf2",
        "magenta": "#d3aef2",
        "cyan": "#6fcbd9",
        "white": "#e8eaed",
    },
)


def contrast(one: str, other: str) -> float:
    """The ratio of two colours (#rrggbb) as WCAG 2 defines it, from 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def printed(command: list[str], folder: Path, columns: int, environment: Mapping[str, str]) -> str:
    """What a command prints where it believes to write to a terminal of so many columns that shows colours."""
    told = {**environment, "COLUMNS": str(columns), "TERM": "xterm-256color", "FORCE_COLOR": "1"}
    told.pop("NO_COLOR", None)
    done = subprocess.run(
        command,
        cwd=folder,
        env=told,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.rstrip("\n").split("\n"))


def plain(told: str) -> str:
    """The same without colours."""
    return "".join(f"{text.plain.rstrip()}\n" for text in AnsiDecoder().decode(told.rstrip("\n")))


def drawn(told: str, scheme: Scheme, *, title: str, columns: int = 0) -> str:
    """The SVG of what was printed, as wide as its longest line or as `columns`. The same text gives the same bytes."""
    lines = list(_lines(told))
    widest = max((sum(cell_len(text) for text, _ in line) for line in lines), default=0)
    width = round(2 * _EDGE + max(widest, columns) * _CELL)
    height = 2 * _EDGE + len(lines) * _LINE
    body = [
        f'<text y="{_EDGE + (row + 1) * _LINE - 6}">{"".join(_spans(line, scheme))}</text>'
        for row, line in enumerate(lines)
        if any(text.strip() for text, _ in line)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" fill="{scheme.ground}" stroke="{scheme.edge}"/>',
            f'<g font-family="{_FONT}" font-size="{_SIZE:g}" fill="{scheme.ink}" xml:space="preserve">',
            *body,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _lines(told: str) -> Iterator[list[tuple[str, Style]]]:
    """Line by line the pieces of one style."""
    console = Console(width=1000, color_system="truecolor", file=sys.stderr)
    for text in AnsiDecoder().decode(
        told.rstrip().expandtabs()
    ):  # colours in a line with tabs would move them; nothing prints both
        yield [(each.text, each.style or Style.null()) for each in text.render(console) if each.text]


def _spans(line: list[tuple[str, Style]], scheme: Scheme) -> Iterator[str]:
    at = 0
    for text, style in line:
        for piece in _PIECES.finditer(text):
            x = _EDGE + (at + cell_len(text[: piece.start()])) * _CELL
            long = cell_len(piece.group()) * _CELL
            yield (
                f'<tspan x="{x:g}" textLength="{long:g}" lengthAdjust="spacingAndGlyphs"{_look(style, scheme)}>'
                f"{escape(piece.group(), quote=False)}</tspan>"
            )
        at += cell_len(text)


def _look(style: Style, scheme: Scheme) -> str:
    """How a style is drawn: weight, slant and colour."""
    look = ' font-weight="700"' if style.bold else ""
    look += ' font-style="italic"' if style.italic else ""
    look += ' text-decoration="underline"' if style.underline else ""
    if style.color is not None and style.color.number is not None and style.color.number < 16:
        return f'{look} fill="{scheme.named[_NAMES[style.color.number % 8]]}"'
    if style.color is not None and style.color.triplet is not None:
        return f'{look} fill="{style.color.triplet.hex}"'
    return f'{look} fill="{scheme.faint}"' if style.dim else look


def with_prompt(command: str, told: str) -> str:
    """What a terminal shows: the prompt and what was typed, then what was printed."""
    return f"\x1b[1;33m$\x1b[0m \x1b[1m{command}\x1b[0m\n{told}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.terminal")
    parser.add_argument("--columns", type=int, default=80, help="how wide the terminal is (default: 80)")
    parser.add_argument("--name", default="screen", help="how the files are called (default: screen)")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    told = with_prompt(
        shlex.join(options.command), printed(options.command, Path(), options.columns, os.environ)
    )
    Path(f"{options.name}.ansi").write_text(told, encoding="utf-8")
    for scheme, name in ((LIGHT, "light"), (DARK, "dark")):
        picture_of = drawn(told, scheme, title=shlex.join(options.command), columns=options.columns)
        Path(f"{options.name}-{name}.svg").write_text(picture_of, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
