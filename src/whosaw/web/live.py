"""What happens while a page is open: new findings, and how far long work is, as server-sent events that go on after a break.

The number of an event is that of the newest finding that was told (ids of findings are numbered in the order in which they were given), so a
browser that comes back with the last one it had is told at once of what came in between.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Final

from anyio import sleep, to_thread
from litestar import get
from litestar.params import FromQuery
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from whosaw.app.console.gate import Thing, Verb, may
from whosaw.app.console.jobs import JobDesk
from whosaw.core.errors import WhosawError
from whosaw.store.repositories.finding_ids import newest_name
from whosaw.store.workspace import journal_of

from .served import at_desk, somebody, still_here
from .showing import Came, needs

__all__ = ["HANDLERS", "Newest", "told_of"]

PAUSE: Final = 0.5  # seconds between two looks into the journal, however many pages are open
_CHECKED: Final = 20  # pauses between two questions whether the login still holds


class Newest:
    """The number of the newest finding; the journal is asked at most once a pause, for all who wait."""

    def __init__(self, root: Path) -> None:
        self._root, self._asked, self._known = root, 0.0, 0

    def __call__(self) -> int:
        now = time.monotonic()
        if now - self._asked >= PAUSE / 2:
            with closing(journal_of(self._root, unasked=True)) as journal:
                self._known = newest_name(journal)
            self._asked = now
        return self._known


async def told_of(
    came: Came, newest: Newest, last: int | None, job: int | None
) -> AsyncIterator[ServerSentEventMessage]:
    """Events until the login ends or the browser goes."""
    findings = may(somebody(came), Verb.SEE_FINDINGS, Thing(name="events")).allowed
    known = await to_thread.run_sync(newest)
    yield ServerSentEventMessage(event="hello", data="", id=str(known if last is None else last), retry=2_000)
    seen, before, rounds = known if last is None else last, "", 0
    while True:
        known = await to_thread.run_sync(newest)
        if findings and known > seen:
            seen = known
            yield ServerSentEventMessage(event="finding", data=str(known), id=str(known))
        if job is not None:
            told = await to_thread.run_sync(_job, came, job)
            if told != before:
                before = told
                yield ServerSentEventMessage(event="job", data=told, id=str(seen))
            if json.loads(told)["over"]:
                job = None
        await sleep(PAUSE)
        rounds += 1
        if rounds % _CHECKED == 0 and not await to_thread.run_sync(still_here, came):
            return


def _job(came: Came, number: int) -> str:
    try:
        found = at_desk(came, JobDesk).job(number)
    except WhosawError:
        return json.dumps({"over": True, "stage": "", "part": None})
    return json.dumps({"over": found.over, "stage": found.stage, "part": found.part})


@get("/events", **needs(Verb.SEE_JOBS))
async def events(
    request: Came, job: FromQuery[int | None] = None, since: FromQuery[int | None] = None
) -> ServerSentEvent:
    """What happens from now on, or since the event that the browser had last: it says which where it connects again by itself, the page
    where it was out of sight."""
    last = request.headers.get("last-event-id", "")
    newest = request.app.state.newest
    told = told_of(request, newest, int(last) if last.isdecimal() else since, job)
    return ServerSentEvent(told, headers={"X-Accel-Buffering": "no"})  # a proxy passes each on as it comes


HANDLERS: Final = (events,)
