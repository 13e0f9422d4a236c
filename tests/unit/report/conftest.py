"""A scan as a report gets it, small and invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import pytest

from whosaw.core.counts import Count, Reason
from whosaw.core.draft import Block, Draft, Missing, Section
from whosaw.report.pictures.data import CoverageOfSources, OfSource, OverTime, Stretch, TimeBin
from whosaw.report.view_model import (
    CategoryView,
    Command,
    ContextTable,
    DemoStory,
    ExplanationView,
    FileView,
    FindingView,
    HourSpan,
    RouteView,
    ScanSummary,
    Sentence,
    SourceView,
)

MakeDraft = Callable[..., Draft]
SEOUL = timezone(timedelta(hours=9))
START = datetime(2025, 3, 2, 15, tzinfo=UTC)  # midnight of 3 March in Seoul
FINDING = "f-3b1c09d2aa7be410"
DIGEST = "6d170a6b19c5" + "0" * 52
LINES = (f"{DIGEST[:16]}:1200", f"{DIGEST[:16]}:1201")


def hour(at: int) -> datetime:
    return START + timedelta(hours=at)


@pytest.fixture
def timeline() -> OverTime:
    """24 people before the alert, 4,004 in all; one more line of each bin is only named."""
    told = ((0, 4, 4), (2, 2000, 1500), (3, 6997, 2500))
    return OverTime(
        of=FINDING,
        title="4,004 persons seen; the earliest alert came after 24 persons",
        says="4,004 persons seen.",
        zone=SEOUL,
        zone_name="UTC+09:00",
        opens=f"whosaw picture {FINDING} --of timeline --open ROW",
        bins=tuple(
            TimeBin(
                name=f"2025-03-{3 + day:02d}", start=START + timedelta(days=day), end=START + timedelta(days=day + 1),
                views=views, possible=0, persons=persons, lines=(f"{DIGEST[:16]}:{1200 + day}",),
            )
            for day, views, persons in told
        ),
        start=START,
        end=START + timedelta(days=4),
        step="day",
        alert=datetime(2025, 3, 5, 0, 26, 41, tzinfo=SEOUL),
        persons_then=24,
    )  # fmt: skip


@pytest.fixture
def strip() -> CoverageOfSources:
    spans = ((0, 40, "whole"), (40, 42, "partial"), (42, 72, "missing"), (72, 96, "whole"))
    return CoverageOfSources(
        of="sources",
        title="30 hours missing and 2 partial in 1 source",
        says="web/access.log: 64 hours whole, 2 partial, 30 missing, 0 quiet.",
        zone=SEOUL,
        zone_name="UTC+09:00",
        opens="whosaw coverage --source ROW --hours",
        sources=(
            OfSource(
                source="web/access.log", events=9990, rejects=7, whole=64, partial=2, missing=30, quiet=0,
                stretches=tuple(Stretch(start=hour(start), end=hour(end), state=state) for start, end, state in spans),
                lines=(f"{DIGEST[:16]}:1",),
            ),
        ),
    )  # fmt: skip


@pytest.fixture
def finding() -> FindingView:
    persons = Count(
        unit="persons",
        lower=4004,
        upper=84004,
        reasons=(
            Reason(
                code="secondary-subjects-not-named", adds_upper=80000, detail=(("route", "my-addresses"),)
            ),
        ),
    )
    return FindingView(
        id=FINDING,
        detector="persons-per-client",
        title="One client saw at least 4,004 people without a reason on record",
        facts=("Seen in 3 days.", "Nothing on record excuses that."),
        actor="address 1***9, agent ExampleBrowser/1.0",
        first=hour(1),
        last=hour(90),
        noticed=datetime(2025, 3, 5, 0, 26, 41, tzinfo=SEOUL),
        persons_then=24,
        counts=(
            Count(unit="views", lower=9001, upper=9001),
            Count(unit="accounts", lower=4004, upper=4004),
            persons,
        ),
        categories=(
            CategoryView(
                key="identity.name",
                title="Name",
                sensitivity=2,
                persons=Count(unit="persons", lower=4004, upper=4004),
                views=9001,
                lines=LINES,
            ),
            CategoryView(key="health.diagnosis", title="Diagnosis", sensitivity=4, special=("GDPR Art. 9",)),
        ),
        explanations=(
            ExplanationView(
                id="issued-session",
                title="A login issued this token to this subject",
                explained=0,
                unexplained=9001,
                cannot_tell=0,
            ),
            ExplanationView(
                id="open-ticket",
                title="A ticket of this customer was open",
                explained=0,
                unexplained=0,
                cannot_tell=9001,
                why_not="tickets was not given",
            ),
        ),
        locators=LINES,
        person_lines=LINES,
        opens_views=f"whosaw picture {FINDING} --open all",
        opens_persons='whosaw sql "SELECT person FROM views"',
        explains=f"whosaw explain {FINDING}",
        confidence="high",
        confidence_reasons=("the window is exact",),
        technique="T1606.001",
        blind_spots=("Fewer than 20 persons in 30 days.",),
    )


@pytest.fixture
def summary(timeline: OverTime, strip: CoverageOfSources, finding: FindingView) -> ScanSummary:
    spans = (
        HourSpan(start=hour(0), end=hour(40), state="whole"),
        HourSpan(start=hour(40), end=hour(42), state="partial", reason="the file breaks off at minute 12"),
        HourSpan(start=hour(42), end=hour(72), state="missing", reason="no line for 30 hours"),
        HourSpan(start=hour(72), end=hour(96), state="whole"),
    )
    return ScanSummary(
        title="Scan of a shop",
        version="0.1.0",
        files=(
            FileView(
                name="web/access.log", source="web/access.log", format="combined-kv", confidence=0.99,
                lines=9500, events=9490, rejects=7, comments=3, digests=(DIGEST,), line=f"{DIGEST[:16]}:1",
            ),
            FileView(
                name="web/access.log.1.gz", source="web/access.log", format="combined-kv",
                lines=500, events=500, rejects=0,
                fault="gzip ends before its end: 500 lines read before the cut",
                digests=("cd" * 32,), line="cdcdcdcdcdcdcdcd:1",
            ),
        ),
        sources=(
            SourceView(
                source="web/access.log", lines=10000, events=9990, rejects=7, duplicates=4,
                first=hour(0), last=hour(95), spans=spans,
            ),
        ),
        findings=(finding,),
        routes=(
            RouteView(id="my-info", categories=("identity.name", "contact.email"), views=4100, lines=LINES),
            RouteView(id="my-addresses", categories=("contact.address",), views=5000, draft=True, lines=LINES),
        ),
        context=(
            ContextTable(name="logins", rows=1234, used_for="whether a token was issued, and to whom", file="logins.csv", digest="ab" * 32),
            ContextTable(name="tickets", rows=None, used_for="whether an agent had a reason"),
        ),
        cannot_tell=(Sentence(text="30 hours of web/access.log are missing, so every count is a lower bound."),),
        verify=(Command(text=f"whosaw line {LINES[0]}", shows="the original line"),),
        pictures=(timeline, strip),
        zone=SEOUL,
        zone_name="UTC+09:00",
        skipped=(("web/notes.pdf", "no format known"),),
    )  # fmt: skip


@pytest.fixture
def story(summary: ScanSummary, finding: FindingView) -> DemoStory:
    return DemoStory(
        scan=summary,
        seconds=0.5,
        finding=finding,
        first_view=finding.first,
        claimed_by_victim=9001,
        never_issued=9001,
        picture="whosaw-demo/persons-per-day.svg",
        report="whosaw-demo/report.html",
        next=(Command(text="whosaw who 10000042", shows="who saw this customer"),),
    )


OPENING = {
    "en": "On 17 November 2025 someone outside the organisation read records of customers.",
    "ko": "2025년 11월 17일 외부인이 고객 정보를 열람하여 이름, 이메일 주소와 공동현관 비밀번호가 유출되었습니다.",
    "sw": "Tarehe 17 Novemba 2025 mtu wa nje alisoma taarifa za wateja; ng\N{RIGHT SINGLE QUOTATION MARK}ambo na ng'ombe ni maneno tu.",
}
LONG_WORD = "https://example.org/" + "abcdefghij" * 14


@pytest.fixture
def make_draft() -> MakeDraft:
    """Builds a draft that has something of everything, in a language that is shipped."""

    def make(
        language: str = "en", kind: Literal["filing", "notice", "record"] = "filing", *, missing: bool = True
    ) -> Draft:
        text = OPENING[language]
        sections = (
            Section(
                key="facts",
                heading=f"1. {text[:12]}",
                article="Act 34(1) 1",
                confidence="unverified",
                blocks=(
                    Block(kind="text", text=text * 6, sources=("scope version 3",)),
                    Block(kind="item", text=f"{text} {LONG_WORD}"),
                    Block(kind="item", text="Łukasz Čapek & <b>Co.</b>", label="Name"),
                    Block(
                        kind="row",
                        text=f"33,219,408\n{text}",
                        label="persons",
                        sources=("case file: event aware", "scope version 3"),
                    ),
                    Block(kind="row", text=text, label="Wide label that does not fit its column"),
                ),
            ),
            Section(
                key="contact",
                heading="2. Contact",
                article="34(1) 5",
                missing=(Missing(needs="a telephone", where="case file: [contact]"),) if missing else (),
                blocks=(Block(kind="text", text="Privacy office"),),
            ),
        )
        return Draft(
            id=f"{kind}-{language}",
            kind=kind,
            language=language,
            title=f"Draft title: {text[:20].strip()}",
            organisation="Duka & Co. <Ltd>",
            recipient="Recipient Office",
            case="shop-1",
            scope_version=3,
            duties=("ke/authority",),
            opening=(Block(kind="text", text=text),),
            sections=sections,
            closing=(Block(kind="text", text="Signed\n2026-11-25"),),
            notes=("Have the figures checked",),
            short=f"SMS: {text}",
        )

    return make


@pytest.fixture
def sent_texts() -> Callable[[Draft], list[str]]:
    """Every text of a draft that its recipient must find, in order."""

    def texts(draft: Draft) -> list[str]:
        found = [draft.title]
        for heading, blocks in (
            ("", draft.opening),
            *((each.heading, each.blocks) for each in draft.sections),
        ):
            found += [heading, *(part for each in blocks for part in (each.label, each.text))]
        return [each for each in (*found, *(block.text for block in draft.closing)) if each]

    return texts
