"""What the terminal shows: inside 80 columns, the same without colour, nothing taken for mark-up."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from rich.console import Console, RenderableType

from whosaw.core.counts import Count
from whosaw.report import tables
from whosaw.report.story import demo_story
from whosaw.report.view_model import DemoStory, FindingView, ScanSummary, WhoRow

SEOUL = timezone(timedelta(hours=9))


def shown(renderable: RenderableType, *, colour: bool = False) -> str:
    out = io.StringIO()
    Console(file=out, width=80, force_terminal=colour, color_system="truecolor" if colour else None).print(
        renderable
    )
    return out.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_story_fits_and_is_short(story: DemoStory) -> None:
    lines = shown(demo_story(story)).splitlines()
    assert max(len(line) for line in lines) <= 80
    assert 15 <= len(lines) <= 32


def test_the_story_tells_what_was_read_and_how_fast(story: DemoStory) -> None:
    text = flat(shown(demo_story(story)))
    assert "10,000 lines from 2 files in 0.5 s (20,000 a second)." in text
    assert "= 9,990 events + 7 rejects + 3 blank or comment; 4 duplicates; 32 hours not whole." in text


def test_the_story_tells_first_finding_total_trap_and_paths(story: DemoStory) -> None:
    text = flat(shown(demo_story(story)))
    assert "Earliest alert: 5 Mar 2025, 00:26 (UTC+09:00), after 24 persons." in text
    assert "1 day 23 hours before" in text
    assert "4,004 to 84,004 persons; 9,001 views; until 6 Mar 2025, 18:00." in text
    assert "In 9,001 views the request claims to come from the very person it reads" in text
    assert "no login on record issued the tokens of 9,001 views" in text
    assert "Picture whosaw-demo/persons-per-day.svg" in text
    assert "Report whosaw-demo/report.html" in text
    assert "whosaw who 10000042 who saw this customer" in text


def test_categories_stand_in_columns(story: DemoStory) -> None:
    lines = shown(demo_story(story)).splitlines()
    name = next(line for line in lines if line.startswith("  Name"))
    diagnosis = next(line for line in lines if line.startswith("  Diagnosis"))
    assert name.split() == ["Name", "4,004", "9,001"]
    assert diagnosis.split() == ["Diagnosis", "cannot", "tell", "cannot", "tell"]
    assert len(name) == len(diagnosis)


def test_the_story_without_a_finding_claims_no_safety(story: DemoStory) -> None:
    text = flat(shown(demo_story(replace(story, finding=None))))
    assert "No detector reported anything. That is not proof that nothing happened." in text
    assert "Seen in the end" not in text


def test_a_long_path_is_shown_whole(story: DemoStory) -> None:
    path = "/tmp/" + "a" * 90 + "/report.html"
    assert path in shown(demo_story(replace(story, report=path))).replace("\n", "")


def test_colour_changes_no_word(story: DemoStory) -> None:
    import re

    coloured = re.sub(r"\x1b\[[0-9;]*m", "", shown(demo_story(story), colour=True))
    assert coloured == shown(demo_story(story))


def test_square_brackets_and_control_characters_are_shown_as_they_are(
    story: DemoStory, finding: FindingView
) -> None:
    bad = replace(finding, title="[bold]x[/bold] [link=http://example.org]y", actor="a\x1b[31mb\nc")
    assert "[bold]x[/bold]" in shown(demo_story(replace(story, finding=bad)))
    row = WhoRow(
        actor=bad.actor,
        category="identity.name",
        first=bad.first,
        last=bad.last,
        views=1,
        explanation="cannot tell",
    )
    text = shown(tables.who_table([row], SEOUL))
    assert "a\\x1b[31mb\\x0ac" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("answer", "colour"), [("unexplained", "1;31"), ("explained", "32"), ("cannot tell", "33")]
)
def test_an_answer_has_its_colour_and_stands_there_without_it(answer: str, colour: str) -> None:
    at = datetime(2025, 3, 3, tzinfo=SEOUL)
    row = WhoRow(actor="c1", category="identity.name", first=at, last=at, views=1, explanation=answer)
    assert f"\x1b[{colour}m{answer}\x1b[0m" in shown(tables.who_table([row], SEOUL), colour=True)
    assert f"c1  ({answer})" in shown(tables.who_table([row], SEOUL))


def test_the_story_cannot_move_the_cursor(story: DemoStory, finding: FindingView) -> None:
    assert "\x1b" not in shown(demo_story(replace(story, finding=replace(finding, title="a\x1b[2Jb"))))


def test_line_equation(summary: ScanSummary) -> None:
    assert shown(tables.line_equation(summary.files)).strip() == (
        "10,000 lines = 9,990 events + 7 rejects + 3 blank or comment"
    )
    wrong = replace(summary.files[0], rejects=8)
    assert "DOES NOT ADD UP in web/access.log" in flat(shown(tables.line_equation((wrong,))))


def test_coverage_and_gaps(summary: ScanSummary) -> None:
    row = shown(tables.coverage_table(summary.sources, SEOUL)).splitlines()[-1]
    assert row.split()[-8:] == ["9,990", "7", "4", "2025-03-03", "2025-03-06", "64", "2", "30"]
    gaps = flat(shown(tables.gaps_table(summary.sources, SEOUL)))
    assert "missing 2025-03-04 18:00 1 day 6 hours no line for" in gaps


def test_where_a_file_does_not_fit_beside_its_numbers_it_stands_above_them(summary: ScanSummary) -> None:
    out = io.StringIO()
    Console(file=out, width=60).print(tables.files_table(summary.files))
    lines = out.getvalue().splitlines()
    assert lines[0] == "file"
    assert lines[1].split() == ["format", "lines", "events", "rejects", "other"]
    assert lines[3] == summary.files[0].name
    assert lines[4].split()[-4:] == ["9,500", "9,490", "7", "3"]


def test_a_long_source_name_stands_whole_above_its_row(summary: ScanSummary) -> None:
    long = replace(summary.sources[0], source="office/support_access.log")
    assert shown(tables.coverage_table((long, summary.sources[0]), SEOUL)).splitlines() == [
        "source",
        "  events  rejects  dupl.  first       last        whole  part.  miss.",
        "-" * 69,
        "office/support_access.log",
        "   9,990        7      4  2025-03-03  2025-03-06     64      2     30",
        summary.sources[0].source,
        "   9,990        7      4  2025-03-03  2025-03-06     64      2     30",
    ]


def test_who_groups_by_actor(finding: FindingView) -> None:
    rows = [
        WhoRow(
            actor="address 1***9",
            category=key,
            first=finding.first,
            last=finding.last,
            views=3,
            explanation="unexplained",
        )
        for key in ("identity.name", "contact.address")
    ]
    text = shown(tables.who_table(rows, SEOUL))
    assert text.count("address 1***9  (unexplained)") == 1
    assert "contact.address  2025-03-03 01:00  2025-03-06 18:00      3" in text


@pytest.mark.parametrize("name", ["files", "coverage", "gaps"])
def test_tables_stay_inside_80_columns(summary: ScanSummary, name: str) -> None:
    made: dict[str, RenderableType] = {
        "files": tables.files_table(summary.files),
        "coverage": tables.coverage_table(summary.sources, SEOUL),
        "gaps": tables.gaps_table(summary.sources, SEOUL),
    }
    text = shown(made[name])
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "…" not in text


def test_exact_persons_need_no_address_book_sentence(story: DemoStory, finding: FindingView) -> None:
    exact = replace(finding, counts=(Count(unit="persons", lower=5, upper=5),))
    assert "address books" not in shown(demo_story(replace(story, finding=exact)))
