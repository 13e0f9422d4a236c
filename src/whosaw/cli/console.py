"""Standard output for people."""

from __future__ import annotations

from rich.console import Console as RichConsole

__all__ = ["Console"]


class Console(RichConsole):
    """A console that says when nobody reads on.

    Rich itself ends the program with 1 then, which here would mean that something was found.
    """

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError
