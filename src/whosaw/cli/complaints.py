"""What goes to standard error in words: one line, on a terminal broken between words."""

from __future__ import annotations

import os
import sys

__all__ = ["complain"]


def complain(text: str) -> None:
    """`whosaw: TEXT`. For a program that reads it, it stays one line."""
    line = f"whosaw: {text}"
    if not (sys.stderr.isatty() or os.environ.get("FORCE_COLOR")):
        sys.stderr.write(f"{line}\n")
        return
    from rich.console import Console
    from rich.text import Text

    from whosaw.report.fitting import hanging

    width = Console(stderr=True).width
    for each in line.split("\n"):
        sys.stderr.write("".join(f"{piece.plain}\n" for piece in hanging(Text(each), width)))
