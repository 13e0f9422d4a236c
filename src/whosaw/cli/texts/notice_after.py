"""What came back of notices, what was decided, and what is proven, for the terminal."""

from __future__ import annotations

from whosaw.app.sending.bounces import BouncesRead
from whosaw.app.sending.prove import Root
from whosaw.app.sending.settle import Settled
from whosaw.app.sending.verify_line import LineChecked
from whosaw.cli.console import say

__all__ = ["show_bounces", "show_line", "show_root", "show_settled"]


def show_bounces(read: BouncesRead) -> None:
    """What came back."""
    kinds = ", ".join(f"{many:,} {kind}" for kind, many in read.kinds.items()) or "none"
    say(f"{read.case}: {read.messages:,} messages read: {kinds}")
    say(
        f"{read.ended:,} ended a delivery, {read.again:,} spoke of one that had ended, {read.known:,} were read before"
    )
    if read.of_nobody:
        say(f"{read.of_nobody:,} name no message of this case")
    if read.stopped:
        say(f"Stopped: {read.stopped}. whosaw notice release with the same wave lets it go on.")


def show_settled(done: Settled) -> None:
    """What a person decided."""
    say(f"{done.case} {done.version}: {done.people:,} people {done.decision}, journal entry {done.entry}")
    if done.left:
        say(f"{done.left:,} have no other address or text")


def show_root(root: Root) -> None:
    """The root and what holds it."""
    say(f"{root.case} {root.version}: {root.leaves:,} attempts, root {root.root}, journal entry {root.entry}")
    signed = f"signed by {root.signer}" if root.signer else "not signed (--key)"
    say(f"{signed}, {'time-stamped' if root.stamped else 'not time-stamped (--tsa)'}")


def show_line(checked: LineChecked) -> None:
    """The answer, and what the line says."""
    say(checked.answer)
    for each in checked.parts:
        say(f"  {each.part}: {each.answer}: {each.why}")
    if isinstance(checked.line, dict):
        for name, value in checked.line.items():
            say(f"{name}: {'-' if value is None else value}")
