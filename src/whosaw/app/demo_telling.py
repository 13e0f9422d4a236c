"""What comes after a finding in the demo: the case is counted, who is told by what is fixed, and the notices go to a mail box of the demo's own.

Everybody in it is invented, and nothing leaves this machine: a stand-in answers as servers do, taking most, asking some to come again,
refusing a few, and once losing its reply. Its clock goes on by as much as there was to wait for.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from whosaw.report.draft_files import write_notices
from whosaw.report.pictures.drawing import picture_svg
from whosaw.report.view_model import DemoTold
from whosaw.sending.sender import Clock, Envelope, Line
from whosaw.sending.smtp import Answer
from whosaw.store.files import write_atomically
from whosaw.store.sending.sending_store import ACCEPTED, BOUNCED, DEFERRED, UNKNOWN, Job, SendingRow
from whosaw.store.workspace import Workspace

from .cases.making import make_version
from .law.notices import plan_notices
from .sending.freeze import freeze
from .sending.manifest import WAVES, Manifest
from .sending.messages import MailLetters
from .sending.picture import telling_picture
from .sending.release import release
from .sending.send import MAIL, Going, send_notices
from .sending.status import notice_status

__all__ = ["tell_demo"]

_CASE: Final = "demo"
_SENDER: Final = "privacy@shop.example.org"
_LANGUAGES: Final = ("en",)
_PLACES: Final = ("kr",)
_BOOKED_EACH: Final = 8  # of so many customers who were seen one has a stranger in the address book
_NO_ADDRESS_EACH: Final = 40
_FILE: Final = """\
case = "demo"
zone = "Asia/Seoul"

[organisation]
name = "The shop of the demo"
roles = ["controller"]
sectors = ["online-services", "retail"]
established = ["KR"]

[people]
unplaced = "KR"
because = "the demo tells everybody under one law"

[[event]]
kind = "aware"
at = {aware}
said_by = "the shop"

[[answer]]
question = "access.unauthorised"
answer = true
by = "the shop"
because = "pages were read with tokens that no login issued"

[contact]
officer = "A. Example"
telephone = "+82 2 0000 0000"
email = "privacy@shop.example.org"
page = "https://shop.example.org/leak"
department = {{ en = "Privacy office", ko = "개인정보 보호팀" }}
{statements}
[[scope]]
version = 1
"""
_SAID: Final = {
    "circumstances": "Somebody forged tokens and read pages of one customer after another.",
    "intruder": "A person who had left the shop and kept a key.",
    "measure-taken": "The key was revoked.",
    "people-can-do": "Be careful with calls and messages that mention an order; nobody of the shop asks for a password.",
    "redress": "Whoever was harmed can ask the privacy office for help.",
}


def tell_demo(
    folder: Path, root: Path, finding: str, seen: Sequence[str], *, context: Path, now: datetime
) -> DemoTold:
    """Count the case of a finding and tell its people. `seen` are the ids of customers whose pages were read."""
    make_version(root, _CASE, findings=[finding], now=now)
    case = folder / "case.toml"
    statements = "".join(
        f'\n[[statement]]\nabout = "{about}"\nsaid_by = "the shop"\ntext = {{ en = "{text}" }}\n'
        for about, text in _SAID.items()
    )
    aware = now.replace(microsecond=0).isoformat()
    write_atomically(case, _FILE.format(aware=aware, statements=statements).encode(), mode=0o644)
    plan = plan_notices(case, workspace=root, now=now, languages=_LANGUAGES, places=_PLACES)
    whole = [
        each for each in plan.drafts if each.complete
    ]  # of people of whom nothing is sure there is nothing to say yet
    write_notices(whole, folder / "notices", ["eml"])
    book = folder / "address-book.csv"
    strangers = any((folder / "notices").glob("*-secondary-*.eml"))
    _write_book(book, context / "subjects.csv", seen if strangers else ())
    clock = _DemoClock(now)
    freeze(
        case,
        workspace=root,
        texts=folder / "notices",
        books=[book],
        channels=[MAIL],
        minor_under=14,
        now=now,
        languages=_LANGUAGES,
        places=_PLACES,
    )
    box = _MailBox()
    for wave in WAVES:
        release(_CASE, wave, workspace=root, reason="the demo", now=clock.now())
        send_notices(_CASE, box, Going(), workspace=root, now=clock.now, clock=clock)
    (status,) = notice_status(_CASE, workspace=root)
    drawn = telling_picture([status], zone=ZoneInfo("Asia/Seoul"), zone_name="KST")
    picture = folder / "who-was-told.svg"
    write_atomically(picture, picture_svg(drawn).encode(), mode=0o644)
    told = status.told
    return DemoTold(
        recipients=status.frozen_recipients,
        sent=told.sent,
        waiting=told.waiting,
        failed=told.failed,
        excluded=told.excluded,
        unknown=told.unknown,
        groups=status.groups,
        never=status.why_excluded,
        picture=str(picture),
    )


def _write_book(path: Path, subjects: Path, seen: Sequence[str]) -> None:
    """Everybody's address as the shop has it, but for a few; people without an account out of the address books of some who were seen."""
    with open(path, "w", encoding="utf-8", newline="") as out, open(subjects, encoding="utf-8") as known:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("subject", "email", "saved_by", "staff"))
        for at, row in enumerate(csv.DictReader(known)):
            if at % _NO_ADDRESS_EACH != _NO_ADDRESS_EACH - 1:
                writer.writerow((row["subject"], row["contact"], "", "yes" if at < _BOOKED_EACH else ""))
        for owner in seen[::_BOOKED_EACH]:
            writer.writerow(("", f"friend-of-{owner}@example.net", owner, ""))


class _DemoClock:
    """A clock that goes on by as much as somebody sleeps."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    async def sleep(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


class _MailBox:
    """Takes notices in place of a mail server."""

    channel = MAIL
    host = "the mail box of the demo"

    def __init__(self) -> None:
        self._counted = count()  # over all waves: how large they are hangs on a key that no two demos share

    def lines(self, connections: int) -> Sequence[Line]:
        return [_StandIn(self._counted) for _ in range(connections)]

    def envelopes(
        self, opened: Workspace, row: SendingRow, manifest: Manifest, clock: Clock
    ) -> Callable[[Job], Envelope]:
        return MailLetters(opened, row, manifest, clock, sender=_SENDER).envelope

    def going(self, asked: Going, manifest: Manifest, opened: Workspace) -> Going:  # noqa: ARG002  # it takes whatever comes
        return asked


class _StandIn:
    """One connection of it. What it answers hangs on how many came before, so that each seed of the demo tells one story."""

    def __init__(self, counted: Iterator[int]) -> None:
        self._counted = counted
        self._at = 0

    async def begin(self, sender: str, to: str) -> Answer | None:  # noqa: ARG002  # whoever it is for
        self._at = next(self._counted)
        if self._at % 90 == 13:
            return Answer(state=BOUNCED, code=550, reply="5.1.1 no such mail box")
        if self._at % 25 == 7:
            return Answer(state=DEFERRED, code=451, reply="4.7.1 come again later")
        return None

    async def deliver(self, data: bytes) -> Answer:  # noqa: ARG002  # it keeps nothing
        if self._at == 300:
            return Answer(state=UNKNOWN, reply="no reply came after the data had left", over=True)
        return Answer(state=ACCEPTED, code=250, reply="2.0.0 taken")

    async def close(self) -> None:
        return
