"""A new case file as text: each section with what is filled and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whosaw.cli.console import say

if TYPE_CHECKING:
    from whosaw.app.cases.new_case import NewCase

__all__ = ["show_new_case"]

_MOST = 6


def show_new_case(answer: NewCase) -> None:
    """What stands in each section, and what is missing there."""
    say(f"{answer.file} written for the case {answer.case}")
    for section in answer.sections:
        say()
        say(
            f"{section.name}: {'filled' if not section.missing else 'still missing' if not section.filled else 'filled in part'}"
        )
        for each in section.filled:
            say(f"  has  {each}")
        for each in section.missing[:_MOST]:
            say(f"  needs  {each}")
        if len(section.missing) > _MOST:
            say(f"  … and {len(section.missing) - _MOST} more, each in the file")
    say()
    say(f"Fill what begins with #? in the file, then: whosaw duties {answer.file}")
