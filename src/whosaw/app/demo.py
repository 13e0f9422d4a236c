"""The demo: a shop with a planted breach, made, scanned and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from whosaw.core.counts import Count
from whosaw.core.document import JsonObject, told_as
from whosaw.core.errors import WhosawError
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.report.page import page_html
from whosaw.report.pictures.drawing import picture_svg
from whosaw.report.view_model import Command, DemoStory, DemoTold
from whosaw.store.files import write_atomically

from .asking.questions import Ledger, open_ledger
from .demo_telling import tell_demo
from .progress import Progress
from .report_page import context_tables_given
from .scan import ScanReport, scan
from .summary import summarise

__all__ = ["Demo", "run_demo"]

_ZONE = "Asia/Seoul"
_BREACH = "forged-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo made and found."""

    story: DemoStory = field(metadata=told_as(never=True))
    scan: ScanReport
    truth: JsonObject
    folder: Path = field(metadata=told_as(form=str))
    ALSO: ClassVar[tuple[str, ...]] = (
        *("picture", "report", "told"),
        *("first_finding", "persons_before_first_finding", "counts"),
    )

    @property
    def picture(self) -> str:
        return self.story.picture

    @property
    def report(self) -> str:
        return self.story.report

    @property
    def told(self) -> DemoTold | None:
        """Who was told of it."""
        return self.story.told

    @property
    def first_finding(self) -> datetime | None:
        """When the threshold of its detector was reached."""
        return self.story.finding.noticed if self.story.finding else None

    @property
    def persons_before_first_finding(self) -> int | None:
        return self.story.finding.persons_then if self.story.finding else None

    @property
    def counts(self) -> tuple[Count, ...]:
        return tuple(self.story.finding.counts) if self.story.finding else ()


def run_demo(
    folder: Path, *, seed: int, now: datetime, progress: Progress, making: Callable[[str, int, int], None]
) -> Demo:
    """Make the shop in `folder` (which must not exist or be empty), scan it, write picture and report."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WhosawError(
            "demo.not-empty", f"{folder} is there already", hint="Remove it or name another folder"
        )
    shop, breach = load_replay(breach=_BREACH)
    made = make_replay(folder, shop=shop, breach=breach, seed=seed, progress=making)
    root, logs = folder / "whosaw-data", [str(each) for each in made.logs]
    report = scan(logs, root, now=now, map_path=made.map, context=made.context, progress=progress)
    ledger = open_ledger(root, now=now)
    try:
        progress.stage("drawing the picture")
        story = _story(ledger, report, folder)
        seen = _seen(ledger, story.finding.id) if story.finding else []
    finally:
        ledger.close()
    if story.finding is not None and made.context is not None:
        progress.stage("telling the people")
        told = tell_demo(folder, root, story.finding.id, seen, context=made.context, now=now)
        more = Command(text=f"whosaw notice status demo -w {root}", shows="who was told")
        story = replace(story, told=told, next=(*story.next, more))
    return Demo(story=story, scan=report, truth=made.truth, folder=folder)


def _story(ledger: Ledger, report: ScanReport, folder: Path) -> DemoStory:
    zone = ZoneInfo(_ZONE)
    root = str(ledger.workspace.root)
    summary = summarise(
        ledger,
        title="whosaw demo",
        notes=report.notes,
        skipped=report.skipped,
        given=context_tables_given(ledger),
        zone=zone,
        zone_name="KST",
        workspace=root,
    )
    picture, page = folder / "persons-per-day.svg", folder / "report.html"
    if summary.timeline is not None:
        write_atomically(picture, picture_svg(summary.timeline).encode(), mode=0o644)
    titled = replace(summary, title="whosaw demo: a shop and its breach")
    write_atomically(page, page_html(titled).encode(), mode=0o644)
    # told is the finding about most people; a member of staff who looked at a neighbour is a story of its own
    largest = next(iter(summary.findings), None)
    clients = ledger.finding_clients(largest.id) if largest else []
    never = sum(
        each.unexplained for each in (largest.explanations if largest else ()) if each.id == "own-session"
    )
    return DemoStory(
        scan=summary,
        seconds=report.seconds,
        finding=largest,
        first_view=largest.first if largest else None,
        claimed_by_victim=_claimed_by_victim(ledger, clients),
        never_issued=never or None,
        picture=str(picture) if summary.timeline is not None else "",
        report=str(page),
        next=_next(ledger, summary.findings, clients, root),
    )


def _seen(ledger: Ledger, finding: str) -> list[str]:
    """The ids of people whose pages the actor of a finding read, in order."""
    numbers = ledger.reader.what(ledger.finding_clients(finding))["person"].unique().drop_null().to_pylist()
    raws = ledger.raw("person", numbers)
    return sorted(each.partition("\x1f")[2] for each in raws.values())


def _next(ledger: Ledger, findings: Any, clients: list[int], root: str) -> tuple[Command, ...]:
    if not findings:
        return ()
    seen = ledger.reader.what(clients[:50])["person"].to_pylist()
    return (
        Command(text=f"whosaw who p{seen[0] if seen else 0} -w {root}", shows="who saw one person"),
        Command(text=f"whosaw what {findings[0].id} -w {root}", shows="what one actor saw"),
        Command(text=f"whosaw line {findings[0].locators[0]} -w {root}", shows="an original line"),
    )


def _claimed_by_victim(ledger: Ledger, clients: list[int]) -> int:
    """Views in which the request claims to be the person whose data it reads."""
    session = ledger.reader.session
    asked = pa.table({"client": pa.array(clients, pa.int32())})
    rows = session.query(
        "SELECT c.principal, v.person, count(*) AS n FROM views v SEMI JOIN asked a ON a.client = v.client JOIN clients c ON c.client = v.client "
        "WHERE NOT v.duplicate AND c.principal IS NOT NULL AND v.person IS NOT NULL GROUP BY ALL",
        asked=asked,
    )
    principals = ledger.raw("principal", rows["principal"].unique().to_pylist())
    persons = ledger.raw("person", rows["person"].unique().to_pylist())
    return sum(
        row["n"]
        for row in rows.to_pylist()
        if persons.get(row["person"], "").partition("\x1f")[2] == principals.get(row["principal"])
    )
