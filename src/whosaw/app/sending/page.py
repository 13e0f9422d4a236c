"""The notice on the home page, for whoever cannot be reached: what was put up, how long it must stay, and when it is known to have been up.

A page that was put up can be taken down the next day. So somebody, or a timer, saves it again and again and says so here; between two
looks a day apart it is held to have been up if both show the same bytes, and of all else it cannot be told.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.law.notice_check import check_notice
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of

from .status import case_name

__all__ = ["PageGap", "PageRecord", "put_up", "saw"]

UP, SEEN = "notice.page-up", "notice.page-seen"
_APART: Final = timedelta(hours=26)  # a look a day, which may come late


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGap:
    """From when to when it cannot be told that the page was up, and why."""

    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """A page with a notice. It must stay from `since` until `until`; `known_hours` of the `passed_hours` until now it is known to have been up. `same`: the last
    look showed the text that was put up; None before the first one. `kept`: until its end, without a gap."""

    case: str
    url: str
    sha256: str
    since: datetime
    until: datetime
    looks: int
    same: bool | None
    passed_hours: int
    known_hours: int
    gaps: tuple[PageGap, ...]
    kept: bool
    entry: int


@asks(Verb.TELL, "page", root="workspace")
def put_up(
    case: Path,
    page: Path,
    *,
    workspace: Path,
    url: str,
    days: int,
    now: datetime,
    places: Sequence[str] = (),
    version: int | None = None,
) -> PageRecord:
    """Put on record that a page is up from now on, at this address. Raises `WhosawError` where its text fails `notice check`."""
    data = _read(page)
    checked = check_notice(
        str(page), case, stdin=io.BytesIO(), workspace=workspace, now=now, wanted=places, version=version
    )
    if not checked.passes:
        raise WhosawError(
            "notice.page-fails",
            f"{page} does not say all that is asked of it: {checked.counted['fails']} checks fail",
            hint=f"`whosaw notice check {page} --case {case}` says which",
        )
    name = case_name(str(case))
    journal = journal_of(workspace)
    try:
        kept = ContentStore.of(workspace, parts="part-page").put("page", data)
        body = {
            "case": name, "version": checked.checked_version, "url": url, "sha256": hashlib.sha256(data).hexdigest(), "days": days,
            "kept": kept,
        }  # fmt: skip
        with journal.transaction() as connection:
            journal.record(connection, UP, body, now=now)
        return _record(journal, name, url, now)
    finally:
        journal.close()


@asks(Verb.TELL, "page", root="workspace")
def saw(case: str, page: Path, *, workspace: Path, url: str, now: datetime) -> PageRecord:
    """Put on record that the page was looked at, as it was saved from its address just now."""
    digest = hashlib.sha256(_read(page)).hexdigest()
    journal = journal_of(workspace)
    try:
        up = _last_up(journal, case, url)
        with journal.transaction() as connection:
            body = {
                "case": case,
                "url": url,
                "sha256": digest,
                "same": digest == json.loads(up.body)["sha256"],
            }
            journal.record(connection, SEEN, body, now=now)
        return _record(journal, case, url, now)
    finally:
        journal.close()


def _read(page: Path) -> bytes:
    try:
        return page.read_bytes()
    except OSError as fault:
        raise WhosawError(
            "notice.page", f"{page} cannot be read ({fault.strerror})", hint="Save the page as a file"
        ) from fault


def _last_up(journal: Journal, case: str, url: str) -> Any:
    for entry in reversed(journal.entries(UP)):
        said = json.loads(entry.body)
        if (said["case"], said["url"]) == (case, url):
            return entry
    raise WhosawError(
        "notice.no-page",
        f"no page of {case} was put up there",
        hint="`whosaw notice page` without --seen does that",
    )


def _record(journal: Journal, case: str, url: str, now: datetime) -> PageRecord:
    up = _last_up(journal, case, url)
    said = json.loads(up.body)
    since = from_micros(up.time)
    until = since + timedelta(days=said["days"])
    looks = [
        (from_micros(each.time), bool(body["same"]))
        for each in journal.entries(SEEN)
        if each.seq > up.seq and (body := json.loads(each.body))["case"] == case and body["url"] == url
    ]
    passed = min(now, until)
    gaps = tuple(_gaps([(since, True), *looks], passed))
    lost = sum((each.end - each.start for each in gaps), timedelta())
    return PageRecord(
        case=case,
        url=url,
        sha256=said["sha256"],
        since=since,
        until=until,
        looks=len(looks),
        same=looks[-1][1] if looks else None,
        passed_hours=int((passed - since) / timedelta(hours=1)),
        known_hours=int((passed - since - lost) / timedelta(hours=1)),
        gaps=gaps,
        kept=now >= until and not gaps,
        entry=up.seq,
    )


def _gaps(looks: Sequence[tuple[datetime, bool]], end: datetime) -> Iterator[PageGap]:
    for (start, same), (then, later) in zip(looks, [*looks[1:], (end, True)], strict=True):
        if start >= end:
            return
        stop = min(then, end)
        if not (same and later):
            yield PageGap(start=start, end=stop, why="another text was seen")
        elif stop - start > _APART:
            yield PageGap(start=start, end=stop, why="nobody looked")
