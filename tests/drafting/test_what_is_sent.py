"""What is sent to an authority holds nothing that is for its preparer: no mark, no source, no doubt; the preparer's part holds them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from tests.drafting.conftest import Shop
from tests.wide import some

from whosaw.core.draft import Draft
from whosaw.law.drafting.authorities import load_authorities
from whosaw.report.draft_html import draft_html
from whosaw.report.draft_text import draft_text
from whosaw.report.draft_view import draft_view
from whosaw.report.draft_words import draft_words

EACH = [(name, code) for name, each in load_authorities().items() for code in (*each.languages, *each.copies)]
Drafted = Callable[..., tuple[Draft, ...]]
_MARK = re.compile(r"\[\d+\]|<sup>")


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Drafted:
    """Drafts of the made case, each made once; changes are those of its parts."""
    shop = Shop(folder=tmp_path_factory.mktemp("drafted"))
    return cache(lambda name, code, **changed: shop.drafted(shop.write(**changed), name, lang=code).drafts)


@pytest.mark.parametrize(("name", "code"), some(EACH, of=3))
def test_nothing_for_the_preparer_is_sent(drafted: Drafted, name: str, code: str) -> None:
    for drafts in (drafted(name, code), drafted(name, code, cause=None)):
        for draft in drafts:
            words = draft_words(draft.language)
            for sent in (
                draft_text(draft, sent_only=True),
                draft_html(draft, sent_only=True).partition("<main")[2],
            ):
                assert not _MARK.search(sent)
                for doubt in (*words.confidence.values(), words.sources, words.not_legal_advice):
                    assert doubt not in sent
                for own in ("case file:", "case.toml", "law item", "unverified", *draft.duties):
                    assert own not in sent


@pytest.mark.parametrize(("name", "code"), EACH)
def test_every_source_stands_in_the_preparers_part_beside_what_it_is_of(
    drafted: Drafted, name: str, code: str
) -> None:
    for draft in drafted(name, code):
        told = draft_view(draft).preparer.sources
        blocks = [
            *draft.opening,
            *draft.closing,
            *(block for each in draft.sections for block in each.blocks),
        ]
        for block in blocks:
            for source in block.sources:
                place = " ".join(block.label.split())
                assert any(" ".join(source.split()) in each and place in each for each in told), (
                    source,
                    place,
                )


def test_what_is_missing_is_a_line_to_write_on_and_the_preparer_reads_what_goes_there(shop: Any) -> None:
    (draft,) = shop.drafted(shop.write(cause=None), "kr-kisa").drafts
    assert draft.missing
    view = draft_view(draft)
    sent, whole = draft_text(draft, sent_only=True), draft_text(draft)
    assert sent.count("_" * 24) == len(draft.missing) == len(view.preparer.missing)
    for each in draft.missing:
        assert each.where not in sent
        assert each.needs.split()[0] in whole.partition("=" * 78)[0]


def test_of_several_lines_below_one_heading_each_says_what_it_is_for(shop: Any) -> None:
    (draft,) = shop.drafted(shop.write(people_can_do=None, redress=None), "kr-pipc", lang="ko").drafts
    (several,) = [part for part in draft.sections if len(part.missing) > 1]
    sent = " ".join(draft_text(draft, sent_only=True).split())
    assert [each.label for each in several.missing] == ["", ""]
    assert all(f"{each.needs}: {'_' * 24}" in sent for each in several.missing)
