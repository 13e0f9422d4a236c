"""What happens while a page is open: new findings, what the team says of them and of anything else, clocks of duties and how far long
work is, as server-sent events that go on after a break.

The number of an event is that of the newest finding that was told (ids of findings are numbered in the order in which they were given), so a
browser that comes back with the last one it had is told at once of what came in between, and a page begins with the one that it was made
with. However many pages are open, the journal is looked into once for all of them, and with the same look it is asked anew who each of them
is before anything is told to them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from anyio import to_thread
from litestar import get
from litestar.params import FromQuery
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from whosaw.app.console.accounts import who_is
from whosaw.app.console.gate import Somebody, Thing, Verb, may
from whosaw.app.console.jobs import JobDesk
from whosaw.app.console.talking import SAID, TalkDesk
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.repositories.entries import last_number, numbered_after
from whosaw.store.workspace import journal_of

from .reader import read_by
from .sentences import sentence
from .served import News, cookie_of, served_by
from .showing import Came, needs

__all__ = ["HANDLERS", "Looking", "Waiting", "told_of"]

PAUSE: Final = 0.25  # seconds between two looks into the journal, however many pages are open
_CHECKED: Final = 20  # looks between two questions whether the logins of all pages still hold
_CLOCKS: Final = 60  # seconds between two words to pages that show clocks
_FINDINGS: Final = Thing(name="events")
_KEPT: Final = 1_000  # remarks that a page can be told of afterwards; one that waited longer is told that there was something


@dataclass(eq=False, slots=True, kw_only=True)
class Waiting:
    """A page that is open: whose cookie it came with, which finding and which remark it was told of last (a remark by the number of its
    entry in the custody journal) and how many judgments there were then, and who the cookie was of when that was asked last; None: nobody
    any more."""

    cookie: str
    finding: int = -1
    judgments: int = -1
    remark: int = -1
    job: int | None = None
    who: Somebody | None = field(default=None)


class Looking:
    """Looks into the journal for all pages that are open, at most once a pause."""

    def __init__(self, root: Path, now: Callable[[], datetime]) -> None:
        self._root, self._now = root, now
        self._under_way: asyncio.Task[None] | None = None
        self._due, self._looks = 0.0, 0
        self.open: set[Waiting] = set()
        self.news, self.remark = News(), 0
        self._listening = False
        self._remarks: deque[tuple[int, str]] = deque(maxlen=_KEPT)

    async def look(self) -> None:
        """Wait for the next look, which all who wait share."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._next())
        await asyncio.shield(self._under_way)  # a page that is shut ends it for no other one

    async def _next(self) -> None:
        await asyncio.sleep(max(0.0, self._due - time.monotonic()))
        try:
            await to_thread.run_sync(self.now)
        finally:
            self._due = time.monotonic() + PAUSE

    def now(self) -> None:
        """The newest finding and how many judgments there are; and who each page is of that something is to be told to."""
        with closing(journal_of(self._root, unasked=True)) as journal:
            news = News.of(journal)
            self._listen(journal, anew=news.remarks != self.news.remarks)
            self.news = news
            everybody = self._looks % _CHECKED == 0
            self._looks += 1
            for page in tuple(self.open):
                if everybody or page.who is None or page.job is not None or self.has_news(page):
                    page.who = who_is(journal, page.cookie, now=self._now(), used=False)

    def _listen(self, journal: Journal, *, anew: bool) -> None:
        """What was said since the look before; the custody journal is asked where the number of remarks is another one alone."""
        if not self._listening:
            self._listening, self.remark = True, last_number(journal, SAID)
        elif anew:
            for each in numbered_after(journal, self.remark, SAID):
                self._remarks.append((each.seq, str(json.loads(each.body)["about"])))
                self.remark = each.seq

    def said_after(self, remark: int) -> list[str]:
        """What was spoken of behind a remark, each thing once."""
        return list(dict.fromkeys(about for seq, about in self._remarks if seq > remark))

    def minute(self) -> int:
        """The minute that it is: as it goes on, so do the clocks of duties."""
        return int(self._now().timestamp() // _CLOCKS)

    def has_news(self, page: Waiting) -> bool:
        """Whether something came since it was told the last time."""
        return (
            self.news.finding > page.finding
            or self.news.judgments != page.judgments
            or self.remark > page.remark
        )


async def told_of(
    came: Came, looking: Looking, last: int | None, job: int | None
) -> AsyncIterator[ServerSentEventMessage]:
    """Events until the login ends or the browser goes."""
    page = Waiting(cookie=came.cookies.get(cookie_of(came), ""), job=job)
    looking.open.add(page)
    try:
        await looking.look()
        page.finding, page.judgments = looking.news.finding if last is None else last, looking.news.judgments
        page.remark = looking.remark
        far = f"{page.remark} {looking.news}"
        yield ServerSentEventMessage(event="hello", data=far, id=str(page.finding), retry=2_000)
        before, minute = "", looking.minute()
        while True:
            await looking.look()
            if page.who is None:
                return
            now = looking.news
            if now.finding > page.finding or now.judgments != page.judgments:
                kind = "finding" if now.finding > page.finding else "judged"
                page.finding, page.judgments = max(now.finding, page.finding), now.judgments
                if may(page.who, Verb.SEE_FINDINGS, _FINDINGS).allowed:
                    yield ServerSentEventMessage(event=kind, data="", id=str(page.finding))
            if looking.remark > page.remark:
                said, page.remark = looking.said_after(page.remark), looking.remark
                for about in await to_thread.run_sync(_seen, came, page.who, said):
                    yield ServerSentEventMessage(event="said", data=about, id=str(page.finding))
            if looking.minute() != minute:
                minute = looking.minute()
                yield ServerSentEventMessage(event="clock", data="", id=str(page.finding))
            if page.job is not None:
                told = await to_thread.run_sync(_job, came, page.who, page.job)
                if json.loads(told)["over"]:
                    page.job = None
                if told != before:
                    before = told
                    yield ServerSentEventMessage(event="job", data=told, id=str(page.finding))
    finally:
        looking.open.discard(page)


def _seen(came: Came, who: Somebody, said: list[str]) -> list[str]:
    """Those of the things spoken of that somebody may see."""
    served = served_by(came)
    desk = TalkDesk(root=served.root, who=who, now=served.now(), key_file=served.key_file)
    return [each for each in said if desk.may_see(each)]


def _job(came: Came, who: Somebody, number: int) -> str:
    served = served_by(came)
    try:
        desk = JobDesk(root=served.root, who=who, now=served.now(), key_file=served.key_file)
        found = desk.job(number)
    except WhosawError:
        return json.dumps({"over": True, "stage": "", "part": None})
    stage = sentence(read_by(came), found.stage) or found.stage
    return json.dumps({"over": found.over, "stage": stage, "part": found.part})


@get("/events", **needs(Verb.SEE_JOBS))
async def events(
    request: Came, job: FromQuery[int | None] = None, since: FromQuery[int | None] = None
) -> ServerSentEvent:
    """What happens from now on, or since the event that the browser had last: it says which where it connects again by itself, the page
    where it was out of sight."""
    last = request.headers.get("last-event-id", "")
    told = told_of(request, request.app.state.looking, int(last) if last.isdecimal() else since, job)
    return ServerSentEvent(told, headers={"X-Accel-Buffering": "no"})  # a proxy passes each on as it comes


HANDLERS: Final = (events,)
