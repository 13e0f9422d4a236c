"""What every command says of the custody journals that it used: loudly where one does not hold, and the head where it wrote."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whosaw.core.custody import BROKEN, HOLDS, Head, Heard, Standing, heard, worst

from .surroundings import now, secret

__all__ = ["CustodyField", "as_field", "is_broken", "listening"]

_MEANWHILE: Final = 3600.0  # seconds after which a command that does not end sends what the head is by now


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyField:
    """The member `custody` of a JSON document: how the journals stand, why where one does not hold, and the head where one was written."""

    answer: str
    why: tuple[str, ...]
    entry: int | None
    hash: str | None
    root: str | None


@contextmanager
def listening(say: Callable[[str], None], *, quiet: bool) -> Iterator[None]:
    """Listen while a command runs, and say afterwards what has to be said, whatever became of the command. `quiet`: the head stands
    in the JSON document. A command that runs for hours, as a watch does, sends its head every hour too."""
    sent = time.monotonic()

    def meanwhile(root: Path, head: Head) -> None:
        nonlocal sent
        if time.monotonic() - sent >= _MEANWHILE:
            sent = time.monotonic()
            _send(root, head, say)

    token = heard.set(ears := Heard(at_once=meanwhile))
    try:
        yield
    finally:
        heard.reset(token)
        for root, (answer, why) in _faults(ears).items():
            loud = "is BROKEN" if answer == BROKEN else "cannot be vouched for"
            say(f"the custody journal of {root} {loud}: {'; '.join(why)}. See `whosaw check -w {root}`")
        for root, head in _written(ears).items():
            if not quiet:
                say(f"custody head {head.short}")
            _send(root, head, say)


def as_field() -> CustodyField | None:
    """What there is to say; None where nothing was written and nothing is wrong."""
    ears = heard.get()
    if ears is None:
        return None
    faults, written = _faults(ears), _written(ears)
    if not faults and not written:
        return None
    head = next(reversed(written.values())) if written else None
    return CustodyField(
        answer=worst([each for each, _ in faults.values()] or [HOLDS]),
        why=tuple(each for _, why in faults.values() for each in why),
        entry=head.entry if head else None,
        hash=head.hash if head else None,
        root=head.root if head else None,
    )


def is_broken() -> bool:
    """Whether a journal that this command read is not what was written."""
    ears = heard.get()
    return ears is not None and any(answer == BROKEN for answer, _ in _faults(ears).values())


def _faults(ears: Heard) -> dict[Path, tuple[str, list[str]]]:
    found: dict[Path, tuple[str, list[str]]] = {}
    for root in dict.fromkeys([*ears.standing, *ears.doubts]):
        standing = ears.standing.get(root, Standing(answer=HOLDS))
        doubts = ears.doubts.get(root, [])
        answer = worst([standing.answer, *(BROKEN for _ in doubts)])
        if answer != HOLDS:
            more = [each for each in doubts if not any(why.startswith(each) for why in standing.why)]
            found[root] = (answer, [*standing.why, *more])
    return found


def _written(ears: Heard) -> dict[Path, Head]:
    """Journals that were made for the moment and are gone are nobody's."""
    return {root: head for root, head in ears.written.items() if root.exists()}


def _send(root: Path, head: Head, say: Callable[[str], None]) -> None:
    from whosaw.app.evidence.heads import send_head
    from whosaw.core.errors import WhosawError

    try:
        for fault in send_head(root, head, smtp_password=secret("WHOSAW_SMTP_PASSWORD", None), now=now()):
            say(f"the custody head {head.short} was not sent: {fault}. The next one will cover it")
    except WhosawError as fault:
        say(f"the custody head {head.short} was not sent: {fault}")
