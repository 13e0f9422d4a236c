"""What a reader of a file sees, and what nobody can see in it."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from whosaw.core.errors import WhosawError
from whosaw.law.checking.opening import open_text, read_text
from whosaw.law.checking.text import Block, Text, answers_of, passages_of
from whosaw.law.checking.tongue import in_languages
from whosaw.packs.languages import language_codes, load_language


def _html(body: str, style: str = "") -> str:
    page = (
        f"<!doctype html><html><head><title>T</title><style>{style}</style></head><body>{body}</body></html>"
    )
    return " / ".join(each.text for each in read_text(page.encode(), "page", "").passages)


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>gone</p>",
        "<p style='display: none'>gone</p>",
        "<p style='color:red; VISIBILITY : hidden'>gone</p>",
        "<p style='opacity:0'>gone</p>",
        "<p style='font-size:0'>gone</p>",
        "<p style='text-indent:-9999px'>gone</p>",
        "<div style='display:none'><p>gone</p></div>",
        "<script>gone()</script>",
        "<style>.gone{color:red}</style>",
        "<!-- gone -->",
        "<template><p>gone</p></template>",
        "<noscript>gone</noscript>",
        "<textarea>gone</textarea>",
        "<p class='x'>gone</p>",
        "<p class='y z'>gone</p>",
    ],
)
def test_what_is_hidden_on_a_page_does_not_count(hidden: str) -> None:
    style = ".x, #nothing { display:none } div > .z, .z { visibility: hidden } @media print { .w { display: none } }"
    assert _html(f"<h1>Leak</h1>{hidden}<p>seen</p>", style) == "Leak / seen"


@pytest.mark.parametrize(
    "shown", ["<p style='opacity:0.5'>there</p>", "<p class='w'>there</p>", "<details><p>there</p></details>"]
)
def test_what_can_be_seen_on_a_page_counts(shown: str) -> None:
    assert _html(f"<h1>Leak</h1>{shown}", "@media print { .w { display: none } }") == "Leak / there"


def test_the_cells_of_a_row_stay_together_and_lists_are_lists() -> None:
    page = b"<h2>Leak</h2><table><tr><th>Seen</th><td>name, <b>phone</b></td></tr></table><ul><li>one</li><li>two</li></ul>"
    text = read_text(page, "page", ".html")
    assert [(each.text, each.heading, each.item, each.line) for each in text.passages] == [
        ("Leak", True, False, 1),
        ("Seen | name, phone", False, True, 1),
        ("one", False, True, 1),
        ("two", False, True, 1),
    ]


def _plain(text: str) -> list[tuple[int | None, str]]:
    return [(each.line, each.text) for each in read_text(text.encode(), "text", ".txt").passages]


def test_wrapped_lines_of_plain_text_are_one_sentence_with_the_line_it_begins_on() -> None:
    text = (
        "A headline\n\nThe first sentence of this paragraph goes on over\nthe end of its line. The second is short.\n\n"
        "- an item that is wrapped as well, since it is longer\n  than one line\n- another\n"
    )
    assert _plain(text) == [
        (1, "A headline"),
        (3, "The first sentence of this paragraph goes on over the end of its line."),
        (3, "The second is short."),
        (6, "an item that is wrapped as well, since it is longer than one line"),
        (8, "another"),
    ]


def test_korean_lines_are_as_wide_as_they_look() -> None:
    text = "고객님의 이름과 전화번호와 주소와 공동현관 비밀번호가 모두 유출된 것으로\n확인되었습니다. 사과드립니다.\n"
    assert [each for _, each in _plain(text)] == [
        "고객님의 이름과 전화번호와 주소와 공동현관 비밀번호가 모두 유출된 것으로 확인되었습니다.",
        "사과드립니다.",
    ]


def test_the_rows_of_a_table_in_columns_are_rows() -> None:
    assert _plain("Seen      name, address\n          and phone\nA long label\n          3 March 2026\n") == [
        (1, "Seen | name, address and phone"),
        (3, "A long label | 3 March 2026"),
    ]


def _docx() -> bytes:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "In the header"
    document.sections[0].footer.paragraphs[0].text = "In the footer"
    document.add_heading("Notice of a leak", level=1)
    paragraph = document.add_paragraph("Your data ")
    paragraph.add_run("never ").font.hidden = True
    paragraph.add_run("leaked.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Seen", "name"
    box = (
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:pict><w:txbxContent>'
        "<w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    )
    from docx.oxml import parse_xml

    document.add_paragraph("Beside it").runs[0]._element.addnext(parse_xml(box))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_document_is_read_with_header_tables_boxes_and_footer_but_not_hidden_runs() -> None:
    text = read_text(_docx(), "letter.docx", ".docx")
    assert text.form == "docx"
    assert [(each.text, each.heading) for each in text.passages] == [
        ("In the header", False),
        ("Notice of a leak", True),
        ("Your data leaked.", False),
        ("Seen | name", False),
        ("Beside it", False),
        ("In a box", False),
        ("In the footer", False),
    ]


def test_a_mail_is_its_subject_and_what_is_shown_of_it() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "개인정보 유출 안내"
    mail.set_content("plain form")
    mail.add_alternative("<p>rich form</p><p hidden>gone</p>", subtype="html")
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="more.pdf")
    mail["Date"] = "Fri, 18 Sep 2026 10:00:00 +0900"
    text = read_text(bytes(mail), "standard input", "")
    assert text.form == "eml"
    assert [each.text for each in text.passages] == ["개인정보 유출 안내", "2026-09-18", "rich form"]
    assert text.left_out == ("attachment more.pdf",)


@pytest.mark.parametrize(
    ("written", "day"),
    [("September 18, 2026", ["2026-09-18"]), ("2026년 9월 18일", ["2026-09-18"]), ("soon", [])],
)
def test_a_mail_bears_the_day_that_somebody_wrote_into_its_head(written: str, day: list[str]) -> None:
    raw = f"Subject: Breach\nDate: {written}\nFrom: a@example.org\n\nHello.\n".encode()
    assert [each.text for each in read_text(raw, "standard input", "").passages] == ["Breach", *day, "Hello."]


def _pdf(password: str = "") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (_pdf(), "is a PDF without text, such as a scan: what it says cannot be told"),
        (_pdf("secret"), "is encrypted"),
        (b"%PDF-1.7 and then nothing of the kind", "PDF"),
        (b"PK\x03\x04 broken", "is a broken DOCX file"),
        (_zip(a=b"x"), "is an archive and no DOCX document"),
        (_zip(**{"word/document.xml": b"<w"}), "is a broken DOCX file"),
        (b"\xd0\xcf\x11\xe0 old", "old or an encrypted Office document"),
        (b"{\\rtf1 x}", "of a kind that is not read"),
        (b"<html>" + b"<div>" * 6_000 + b"leak" + b"</div>" * 6_000, "is nested too deeply"),
        (b"abc\x00def", "is no text (it holds NUL bytes)"),
        ("유출".encode("cp949"), "is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_with_why(raw: bytes, said: str) -> None:
    with pytest.raises(WhosawError) as fault:
        read_text(raw, "notice", "")
    assert said in fault.value.message
    assert fault.value.where is not None
    assert fault.value.where.file == "notice"


def test_a_wrong_encoding_is_told_with_its_line() -> None:
    with pytest.raises(WhosawError) as fault:
        read_text(b"one\ntwo\n" + "유출".encode("cp949"), "notice", "")
    assert fault.value.where is not None
    assert fault.value.where.line == 3


def test_utf_16_and_a_byte_order_mark_are_read() -> None:
    for encoding in ("utf-16", "utf-8-sig"):
        assert [each.text for each in read_text("유출".encode(encoding), "notice", "").passages] == ["유출"]


def test_standard_input_is_read_by_its_content() -> None:
    text = open_text("-", io.BytesIO(b"<html><body><p>seen</p></body></html>"))
    assert (text.origin, text.form, text.passages[0].text) == ("standard input", "html", "seen")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WhosawError) as fault:
        open_text(str(tmp_path / "none.txt"), io.BytesIO())
    assert "cannot be read" in fault.value.message


ENGLISH = "We are sorry to tell you that the data which you gave us have been seen by somebody who had no right to it."
KOREAN = "고객님의 개인정보가 권한 없는 자에게 유출된 사실을 확인하였기에 이를 알려 드리며 깊이 사과드립니다."
SWAHILI = "Tunasikitika kukuarifu kwamba taarifa zako za kibinafsi zimeonekana na mtu ambaye hana ruhusa ya kuziona hata kidogo."
FRENCH = "Nous vous informons que les données que vous nous avez confiées ont été vues par une personne qui n'en avait pas le droit."


def _shares(text: Text) -> dict[str, bool]:
    _, shares = in_languages(text.passages, {code: load_language(code) for code in language_codes()})
    return {each.language: each.counts for each in shares}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENGLISH, {"en": True}),
        (KOREAN, {"ko": True}),
        (SWAHILI, {"sw": True}),
        (FRENCH, {"": True}),
        ("お客様の個人情報が漏えいしたことをお知らせいたします。" * 3, {"": True}),
        (f"{ENGLISH}\n\n{KOREAN}", {"en": True, "ko": True}),
        (f"{ENGLISH}\n\n{FRENCH}", {"en": True, "": True}),
        (f"{KOREAN * 8}\n\nExample Shop Inc. Seoul", {"ko": True}),
    ],
)
def test_a_language_is_found_by_content(text: str, expected: dict[str, bool]) -> None:
    assert _shares(read_text(text.encode(), "text", "")) == expected


def test_a_line_of_addresses_is_in_no_other_language() -> None:
    address = "Equifax: 1-800-555-0141, P.O. Box 11, Fernley, GA 30001; Experian: 1-800-555-0142, P.O. Box 12, Alder, TX 75001; TransUnion: P.O. Box 13, Milton, PA 19001."
    told, _ = in_languages(
        passages_of(
            [Block(text=each) for each in ("You can ask the bureaus for a freeze.", address, "Call us.")]
        ),
        {code: load_language(code) for code in language_codes()},
    )
    assert [each.language for each in told] == ["en", "en", "en"]


def test_a_day_in_figures_begins_what_happened_then() -> None:
    told = passages_of([Block(text="솔빛초입니다. 10.12. 명단이 유출되었습니다. 죄송합니다.")])
    assert [each.text for each in told] == ["솔빛초입니다.", "10.12. 명단이 유출되었습니다.", "죄송합니다."]


def test_an_answer_is_read_with_the_question_above_it() -> None:
    told = passages_of(
        [Block(text=each) for each in ("What may follow?", "False calls.", "Call us.", "Why?", "When?")]
    )
    assert {each.text: both for each, both in answers_of(told).items()} == {
        "False calls.": "what may follow? false calls."
    }


def test_headings_in_the_words_of_another_law_are_no_text_of_their_own() -> None:
    blocks = [
        Block(text="What Information Was Involved / Taarifa zilizohusika"),
        Block(text="Jina, nambari ya simu na leseni ya udereva wako zilinakiliwa kutoka kwa seva yetu."),
        Block(text="What We Are Doing / Tunachofanya"),
        Block(text="Tumezima seva hiyo na tumebadilisha nywila zote za wafanyakazi wetu."),
    ]
    known = {code: load_language(code) for code in language_codes()}
    _, shares = in_languages(passages_of(blocks), known)
    assert [each.language for each in shares] == ["sw"]
    english = Block(text="We have shut the server down and changed all of the passwords of our staff.")
    _, shares = in_languages(passages_of([*blocks, english]), known)
    assert {each.language for each in shares} == {"sw", "en"}
