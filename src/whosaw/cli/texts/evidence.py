"""Sealed bundles, verdicts and counts made again, as text for people."""

from __future__ import annotations

from whosaw.app.evidence.bundle import SealedBundle
from whosaw.app.evidence.rerun import Rerun
from whosaw.cli.console import say
from whosaw.evidence.verify import Verdict, as_text

__all__ = ["show_rerun", "show_sealed", "show_verdict"]

_SHOWN = 20


def show_sealed(answer: SealedBundle) -> None:
    """What was sealed, and what is missing for a stranger to believe it."""
    say(
        f"{answer.bundle}: case {answer.case}, {answer.versions} version{'' if answer.versions == 1 else 's'}, {answer.bytes:,} bytes"
    )
    say(f"SHA-256 {answer.sha256}")
    say(
        f"signed by the key {answer.signer}"
        if answer.signer
        else "not signed: anybody could have made it. Sign with --key"
    )
    say(
        f"time stamp of {answer.stamp}"
        if answer.stamp
        else "no time stamp: its time rests on your word alone. Stamp it with --tsa"
    )
    if answer.identifiers:
        say("it holds the ids of the people; keep it as you keep those")


def show_verdict(verdict: Verdict) -> None:
    """The same text that the verifier prints when it is run alone."""
    for line in as_text(verdict).splitlines():
        say(line)


def show_rerun(answer: Rerun) -> None:
    """For each subject how many numbers are equal, and each that is not, with both values."""
    say()
    say(f"counted again from the logs: {answer.answer}")
    for name, part in answer.parts.items():
        say(f"  {part.answer:<12} {name}: {part.equal:,} equal, {len(part.differs):,} differ")
        for row in part.differs[:_SHOWN]:
            say(f"               {row.what}: sealed {_shown(row.sealed)}, now {_shown(row.found)}")
        if len(part.differs) > _SHOWN:
            say(f"               and {len(part.differs) - _SHOWN:,} more; --json names them all")
        for untold in part.cannot_tell:
            say(f"               {untold.what}: cannot tell: {untold.why}")


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
