"""Runs a program on a real terminal of a given width, types answers, and tells what then stands on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.cells import cell_len

__all__ = ["Answer", "left_on_screen", "typed"]

_ROWS = 40
_LONGEST = 300.0  # seconds: a hang, also on a slow machine
_ECHO = b"^CD\b\r\n"  # what a terminal itself writes of a control key
_PAUSE = 10.0  # seconds after which somebody presses a control key again
_ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")
_HIDDEN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is typed where a question that ends with `after` is asked."""

    after: str
    keys: str


def typed(
    command: Sequence[str],
    answers: Sequence[Answer],
    folder: Path,
    *,
    columns: int,
    environment: Mapping[str, str],
    patience: float = _LONGEST,
) -> tuple[int, str]:
    """The exit code of a program and all that it wrote to its terminal, control sequences and all.

    Raises `LookupError` where the questions are not those that answers are given for; a program that then waits is killed after `patience`
    seconds in which it wrote nothing."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
    around = {key: value for key, value in environment.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    program = subprocess.Popen(
        # the first terminal that a session opens is the one whose Ctrl-C it hears
        ["/bin/sh", "-c", 'exec "$@" <"$0"', os.ttyname(its), *command],
        cwd=folder,
        env={**around, "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    told, shown, waiting = b"", 0, list(answers)
    pressed = b""  # a control key on which nothing came yet
    try:
        while part := _read(ours, patience, again=pressed):
            told += part
            if part.strip(_ECHO):
                pressed = b""
            asked = _HIDDEN.sub("", told[shown:].decode(errors="ignore"))
            if waiting and asked.endswith(waiting[0].after):
                shown = len(told)
                keys = waiting.pop(0).keys.encode()
                os.write(ours, keys)
                pressed = keys if keys < b" " and len(keys) == 1 else b""
    except TimeoutError:
        program.kill()
        waiting = waiting or [Answer(after="nothing more", keys="")]
    finally:
        os.close(ours)
        code = program.wait()
    if waiting:
        raise LookupError(f"no question ends with {waiting[0].after!r}: {told[-200:]!r}")
    return code, told.decode()


def _read(terminal: int, patience: float, *, again: bytes) -> bytes:
    """What was written to it. A control key that was pressed before the question was open to it is pressed again, as anybody would."""
    for _ in range(max(1, round(patience / _PAUSE))):
        if select.select([terminal], [], [], min(_PAUSE, patience))[0]:
            break
        if again:
            os.write(terminal, again)
    else:
        raise TimeoutError
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that nobody writes to it any more
        return b""


@dataclass(slots=True)
class _Screen:
    """Rows of (letter, look); a letter of two columns is followed by an empty one."""

    columns: int
    rows: list[list[tuple[str, str]]] = field(default_factory=lambda: [[]])
    row: int = 0
    column: int = 0
    look: str = ""

    def put(self, letter: str) -> None:
        wide = cell_len(letter)
        if self.column + wide > self.columns:
            self.row, self.column = self.row + 1, 0
        while len(self.rows) <= self.row:
            self.rows.append([])
        line = self.rows[self.row]
        line += [(" ", "")] * (self.column + wide - len(line))
        line[self.column : self.column + wide] = [(letter, self.look), *[("", "")] * (wide - 1)]
        self.column += wide

    def control(self, numbers: str, kind: str) -> None:
        many = int(numbers) if numbers.isdigit() else 1
        match kind:
            case "m":
                self.look = "" if numbers in ("", "0") else self.look + f"\x1b[{numbers}m"
            case "A":
                self.row = max(0, self.row - many)
            case "B":
                self.row += many
            case "K" if self.row < len(self.rows):
                self.rows[self.row] = [] if numbers == "2" else self.rows[self.row][: self.column]
            case "h" | "l" | "K":
                pass
            case _:
                raise LookupError(f"a terminal is asked for {kind!r}, which is not drawn here")


def left_on_screen(told: str, columns: int) -> str:
    """What stands on a terminal of that width once all this was written to it, with colours; rows that went out of sight above are
    kept."""
    screen = _Screen(columns)
    at = 0
    while at < len(told):
        if escape := _ESCAPE.match(told, at):
            screen.control(escape[1], escape[2])
            at = escape.end()
            continue
        match told[at]:
            case "\r":
                screen.column = 0
            case "\n":
                screen.row += 1
            case "\b":
                screen.column = max(0, screen.column - 1)
            case letter:
                screen.put(letter)
        at += 1
    lines = []
    for row in screen.rows:
        line, look = "", ""
        for letter, its in row:
            if its != look:
                line, look = f"{line}\x1b[0m{its}" if look else line + its, its
            line += letter
        lines.append((line + ("\x1b[0m" if look else "")).rstrip())
    return "\n".join(lines).rstrip("\n") + "\n"
