"""Every draft passes against its own case, and without any one thing that the law asks for it fails for that thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from tests.wide import WIDE

from whosaw.app.law.filing import file_drafts
from whosaw.app.law.notices import NoticePlan, plan_notices
from whosaw.core.draft import Block, Draft, Section
from whosaw.law.checking.check_contents import check_contents
from whosaw.law.checking.expected import Expected
from whosaw.law.checking.judge import judge, readers
from whosaw.law.checking.opening import read_text
from whosaw.law.checking.text import Text
from whosaw.packs.languages import load_language
from whosaw.report.draft_files import NOTICE_FORMATS, draft_bytes
from whosaw.report.draft_html import draft_html
from whosaw.report.draft_text import draft_text

SHOP = Path(__file__).resolve().parent / "shop" / "case.toml"
NOW = datetime.fromisoformat("2026-11-24T00:00:00+00:00")
LANGUAGES = ("en", "ko", "sw")
PLACES = ("kr", "ke", "eu", "uk")
FILINGS = [("kr-pipc", "ko"), ("kr-pipc", "en"), ("kr-kisa", "ko"), ("kr-kisa", "en"), ("ke-odpc", "en"), ("ke-odpc", "sw"),
           ("eu-sa", "en"), ("uk-ico", "en")]  # fmt: skip
# of what is left out in turn, and of whole notices: every place and every language, and each with the others in the wide tests
LEFT_OUT = [("kr", "ko"), ("ke", "sw"), ("eu", "en"), ("uk", "sw")]
WHOLE = [("kr", "en"), ("ke", "en"), ("eu", "ko"), ("uk", "sw")]
if WIDE:
    LEFT_OUT = WHOLE = [(place, language) for place in PLACES for language in LANGUAGES]
Against = Callable[..., Expected]


@pytest.fixture(scope="module")
def plan() -> NoticePlan:
    return plan_notices(
        SHOP, workspace=Path("none"), now=NOW, languages=LANGUAGES, places=PLACES, channels=("letter", "page")
    )


def _notices(
    plan: NoticePlan, place: str, language: str, against: Against
) -> Iterator[tuple[Draft, Expected]]:
    """Each notice of a place in a language, as it is sent, and what it is held against."""
    for draft in plan.drafts:
        if f"-{place}-{language}-" not in draft.id:
            continue
        group = next((each for each in plan.every_group if f"-{each.id}-" in draft.id), None)
        form = "possible" if group is not None and group.kind == "possible" else "notice"
        yield replace(draft, notes=()), against(form, place, group=group.id if group is not None else "")


@pytest.fixture(scope="module")
def filed() -> dict[tuple[str, str], Draft]:
    made = {}
    for authority, language in FILINGS:
        (made[authority, language],) = file_drafts(
            SHOP, workspace=Path("none"), now=NOW, wanted=[authority], languages=[language]
        ).drafts
    return made


def _page(draft: Draft) -> Text:
    return read_text(draft_html(draft, sent_only=True).encode(), draft.id, ".html")


def _plain(draft: Draft) -> Text:
    return read_text(draft_text(draft, sent_only=True).encode(), draft.id, ".txt")


def _fails(text: Text, expected: Expected, language: str) -> list[str]:
    judged = judge(text, expected, {code: load_language(code) for code in LANGUAGES}, language)
    return [f"{each.id}: {each.because}" for each in judged.verdicts if each.verdict != "holds"]


def _contents(draft: Draft, expected: Expected) -> dict[str, str]:
    """Verdicts by the key of contents."""
    found, _ = readers(_page(draft), {draft.language: load_language(draft.language)}, expected.organisation)
    (reader,) = found
    return {each.id.removeprefix("contents."): each.verdict for each in check_contents(reader, expected)}


def _left_out(draft: Draft, expected: Expected, section: Section) -> str:
    """The verdict on what a section says once it is left out with the few other places that say it too."""
    left = _without(draft, (section,))
    for _ in range(24):
        found, _shares = readers(
            _page(left), {left.language: load_language(left.language)}, expected.organisation
        )
        (reader,) = found
        verdict = next(
            each for each in check_contents(reader, expected) if each.id == f"contents.{section.key}"
        )
        if verdict.verdict == "fails":
            break
        said = tuple(each.quote.removesuffix("...") for each in verdict.spots)

        def kept(block: Block, said: tuple[str, ...] = said) -> bool:
            return not any(each in " ".join(block.text.split()) for each in said)

        sections = tuple(
            replace(each, blocks=tuple(block for block in each.blocks if kept(block)))
            for each in left.sections
        )
        opening = tuple(block for block in left.opening if kept(block))
        left = replace(left, sections=sections, opening=opening)
    return verdict.verdict


def _without(draft: Draft, gone: tuple[Section, ...]) -> Draft:
    """Without these sections and all that repeats them: the same sentence elsewhere, the line to whom it goes, notes of sources."""
    said = {block.text for section in gone for block in section.blocks}

    def kept(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return tuple(replace(each, sources=()) for each in blocks if each.text not in said)

    sections = tuple(replace(each, blocks=kept(each.blocks)) for each in draft.sections if each not in gone)
    return replace(draft, recipient="", sections=sections)


@pytest.mark.parametrize(("place", "language"), WHOLE)
def test_every_notice_passes_in_every_group_as_page_and_as_plain_text(
    plan: NoticePlan, against: Against, place: str, language: str
) -> None:
    drafts = list(_notices(plan, place, language, against))
    assert len(drafts) >= 5  # two groups seen, possible, secondary, and the page for all
    for draft, expected in drafts:
        assert draft.missing == ()
        assert _fails(_page(draft), expected, language) == [], draft.id
        assert _fails(_plain(draft), expected, language) == [], draft.id


@pytest.mark.parametrize(("place", "language"), LEFT_OUT)
def test_a_notice_without_one_thing_that_the_law_asks_for_fails_for_it(
    plan: NoticePlan, against: Against, place: str, language: str
) -> None:
    taken = set()
    for draft, expected in _notices(plan, place, language, against):
        asked = {each.key for each in expected.asked}
        for section in draft.sections:
            if section.key in asked:
                assert _left_out(draft, expected, section) == "fails", (draft.id, section.key)
                taken.add(section.key)
    every = {each.key for each in against("notice", place).asked}
    assert taken >= every
    assert place != "kr" or taken >= {each.key for each in against("possible", place).asked}


@pytest.mark.parametrize(("authority", "language"), FILINGS)
def test_every_filing_passes_as_page_and_as_plain_text(
    filed: dict[tuple[str, str], Draft], against: Against, authority: str, language: str
) -> None:
    draft, expected = filed[authority, language], against("filing", authority)
    assert draft.missing == ()
    assert _fails(_page(draft), expected, language) == []
    assert _fails(_plain(draft), expected, language) == []


@pytest.mark.parametrize(("authority", "language"), FILINGS)
def test_a_filing_without_one_thing_that_the_law_asks_for_fails_for_it(
    filed: dict[tuple[str, str], Draft], against: Against, authority: str, language: str
) -> None:
    draft, expected = filed[authority, language], against("filing", authority)
    by_key: dict[str, tuple[Section, ...]] = {}
    for each in draft.sections:
        if each.key:
            by_key[each.key] = (*by_key.get(each.key, ()), each)
    for key in sorted({each.key for each in expected.asked}):
        if key == "facts-of-notice":  # these facts are sections of their own, each of which has to be there
            for part in ("items-leaked", "time-and-circumstances", "what-people-can-do", "contact", "rights"):
                assert _contents(_without(draft, by_key[part]), expected)[key] == "fails", part
        else:
            # the nature of a breach tells how many people of each country, which is a number of people too
            gone = (*by_key[key], *by_key["nature"]) if key == "number" else by_key[key]
            assert _contents(_without(draft, gone), expected)[key] == "fails", key


@pytest.mark.parametrize("kind", [each for each in NOTICE_FORMATS if each not in ("json", "eml")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_passes_in_every_format_it_is_written_in(
    plan: NoticePlan, against: Against, language: str, kind: str
) -> None:
    draft, expected = next(
        each for each in _notices(plan, "kr", language, against) if each[0].id.endswith("seen-2-letter")
    )
    text = read_text(draft_bytes(draft, kind), draft.id, f".{kind}")
    fails = [each for each in _fails(text, expected, language) if not each.startswith(("claim.", "count."))]
    assert fails == []
