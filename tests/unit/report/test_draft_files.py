"""Drafts as PDF and DOCX: what a reader gets out of the files is what the draft says."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.wide import examples

from whosaw.core.draft import Block, Draft
from whosaw.core.errors import WhosawError
from whosaw.report.draft_docx import draft_docx
from whosaw.report.draft_pdf import draft_pdf

Make = Callable[..., Draft]
Texts = Callable[[Draft], list[str]]
LANGUAGES = ("en", "ko", "sw")


def squeezed(text: str) -> str:
    return "".join(text.split())


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def plain(text: str) -> Draft:
    block = Block(kind="text", text=text)
    return Draft(
        id="x", kind="notice", language="ko", title="t", organisation="o", recipient="", case="c",
        scope_version=1, duties=(), opening=(block,),
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_gives_every_text_back(language: str, make_draft: Make, sent_texts: Texts) -> None:
    document = make_draft(language)
    cover, *sent = pages(draft_pdf(document))
    assert squeezed("Have the figures checked") in squeezed(cover)
    whole = squeezed("".join(sent))
    for each in sent_texts(document):
        for line in each.split("\n"):
            # a paragraph that runs over a page has the footer in its midst
            assert squeezed(line) in whole or all(squeezed(word) in whole for word in line.split())
    assert "Have the figures" not in "".join(sent)


def test_pages_that_are_sent_count_from_one(make_draft: Make) -> None:
    document = make_draft("en")
    first, *others = document.sections
    longer = replace(document, sections=(replace(first, blocks=first.blocks * 12), *others))
    cover, *sent = pages(draft_pdf(longer))
    assert "Page" not in cover
    assert len(sent) > 2
    assert [re.findall(r"Page \d+ of \d+", each) for each in sent] == [
        [f"Page {at} of {len(sent)}"] for at in range(1, len(sent) + 1)
    ]


def test_the_mark_of_a_draft_is_on_every_sheet_until_nothing_is_missing(make_draft: Make) -> None:
    for missing in (True, False):
        cover, *sent = pages(draft_pdf(make_draft("sw", missing=missing)))
        assert "RASIMU" in cover
        assert all(("RASIMU" in each) is missing for each in sent)


def test_every_hangul_syllable_has_a_letter_in_the_pdf() -> None:
    syllables = "".join(chr(each) for each in range(0xAC00, 0xD7A4))
    assert syllables in squeezed(
        "".join(re.sub(r"\d+쪽 중 \d+쪽", "", each) for each in pages(draft_pdf(plain(syllables)))[1:])
    )


@settings(max_examples=examples(40))
@given(st.text(alphabet=r"#$*_`\@<>[]{}()=-+/~'\"%&;:.,!?|^ab가 0" + "\n", min_size=1, max_size=60))
def test_no_text_is_read_as_markup(text: str) -> None:
    sent = "".join(pages(draft_pdf(plain(text)))[1:])
    assert squeezed(text) in squeezed(sent)


@pytest.mark.parametrize(
    "text",
    [
        "#panic()",
        '#read("/etc/passwd")',
        "$ x^2 $",
        "= Heading",
        "- item",
        "<end> @end",
        "\\u{41}",
        "// c",
        "/* c */",
        "https://x.org",
    ],
)
def test_typst_code_is_printed_as_it_is(text: str) -> None:
    assert squeezed(text) in squeezed(pages(draft_pdf(plain(text)))[1])


@pytest.mark.parametrize(
    "address", ["https://clinic.example.org/notice", "www.kopico.go.kr", "data-protection@shop.example.org"]
)
def test_an_address_that_fits_on_a_line_is_not_parted(address: str) -> None:
    # moved word by word past the end of the line, so that it would part at a stop or a stroke somewhere
    text = "\n".join(f"{'a' * more} {'word ' * 14}{address} and more" for more in range(1, 30, 2))
    lines = [line for page in pages(draft_pdf(plain(text)))[1:] for line in page.splitlines()]
    assert sum(address in line for line in lines) == 15


def test_an_address_can_be_copied_from_the_pdf_without_signs_that_nobody_sees() -> None:
    address, page = (
        "privacy.office.of.the.shop@department.example.org",
        "https://www.example.org/notices/2026/a?lang=sw",
    )
    sent = pages(draft_pdf(plain(f"{address} or {page} {'x' * 200}")))[1]
    assert f"{address} or {page}" in sent.replace("\n", "")
    assert sent.count("x" * 20) >= 9
    assert all(mark.isprintable() or mark == "\n" for mark in sent)


@pytest.mark.parametrize("text", ["عربي", "a \N{GRINNING FACE} b", "ไทย"])
def test_a_letter_that_no_font_has_is_refused_and_not_printed_as_a_box(text: str) -> None:
    with pytest.raises(WhosawError, match="no letter for") as caught:
        draft_pdf(plain(text))
    assert caught.value.code == "draft.no-letter"


def test_a_pdf_is_tagged_has_its_language_and_no_fonts_of_the_machine(make_draft: Make) -> None:
    reader = PdfReader(io.BytesIO(draft_pdf(make_draft("ko"))))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None
    assert root["/Lang"] == "ko-KR"
    fonts = {
        str(font["/BaseFont"]).partition("+")[2]
        for page in reader.pages
        for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
    }
    assert fonts == {"NotoSans-Regular", "NotoSansKR-Regular-Identity-H"}


def document_text(data: bytes) -> str:
    body = docx.Document(io.BytesIO(data)).element.body
    marks = body.iter(qn("w:t"), qn("w:br"), qn("w:p"))
    return "".join(each.text if each.tag == qn("w:t") else "\n" for each in marks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_docx_gives_every_text_back_in_order(language: str, make_draft: Make, sent_texts: Texts) -> None:
    document = make_draft(language)
    whole = squeezed(document_text(draft_docx(document)))
    at = 0
    for each in sent_texts(document):
        at = whole.index(squeezed(each), at) + 1


def test_a_docx_names_its_language_and_a_font_for_hangul(make_draft: Make) -> None:
    made = docx.Document(io.BytesIO(draft_docx(make_draft("ko"))))
    (fonts,) = made.styles.element.iter(qn("w:rFonts"))
    (language,) = made.styles.element.iter(qn("w:lang"))
    assert fonts.get(qn("w:eastAsia")) == "Malgun Gothic"
    assert {language.get(qn("w:val")), language.get(qn("w:eastAsia"))} == {"ko-KR"}
    assert made.core_properties.language == "ko"
    assert [each.get(qn("w:instr")) for each in made.sections[0].footer._element.iter(qn("w:fldSimple"))] == [
        "NUMPAGES",
        "PAGE",
    ]


def test_a_docx_holds_no_time_of_its_making(make_draft: Make) -> None:
    with zipfile.ZipFile(io.BytesIO(draft_docx(make_draft("en")))) as packed:
        assert {each.date_time for each in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("write", [draft_pdf, draft_docx])
def test_the_same_draft_gives_the_same_bytes(write: Callable[[Draft], bytes], make_draft: Make) -> None:
    assert write(make_draft("ko")) == write(make_draft("ko"))
