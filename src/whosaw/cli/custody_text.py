"""How a workspace stands, as text for people."""

from __future__ import annotations

from typing import Any

from .console import say

__all__ = ["show_check"]


def show_check(answer: dict[str, Any]) -> None:
    """One line for each part, and below it why, and what is to be known of it."""
    say(f"{answer['answer']}: {answer['entries'] or 0:,} entries in the custody journal")
    for part in answer["parts"]:
        say(f"  {part['answer']:<12} {part['part']}")
        for line in (*part["why"], *part["notes"]):
            say(f"               {line}")
    if answer["hash"] is not None:
        say(f"head: {answer['entries']}:{answer['hash']}")
        say(f"root: {answer['root']}")
    for note in answer["notes"]:
        say(f"note: {note}")
