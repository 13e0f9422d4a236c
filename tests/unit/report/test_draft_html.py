"""Drafts as HTML and as e-mail."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.policy import SMTP
from html.parser import HTMLParser

import pytest

from whosaw.core.draft import Draft
from whosaw.report.draft_html import draft_html
from whosaw.report.draft_mail import draft_mail
from whosaw.report.draft_text import draft_text

Make = Callable[..., Draft]


class Reader(HTMLParser):
    """Text by the region it stands in, the attributes of every element, and what was left open."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = {"aside": "", "main": "", "title": ""}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for region in self.text:
            if region in self.open:
                self.text[region] += data


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", ["en", "ko", "sw"])
def test_every_text_is_in_main_in_order_and_the_page_is_whole(
    language: str, make_draft: Make, sent_texts: Callable[[Draft], list[str]]
) -> None:
    document = make_draft(language)
    page = Reader(draft_html(document))
    assert page.open == []
    assert ("html", {"lang": language}) in page.seen
    at, whole = 0, squeezed(page.text["main"])
    for each in sent_texts(document):
        at = whole.index(squeezed(each), at) + 1


def test_nothing_is_fetched_and_no_text_becomes_markup(make_draft: Make) -> None:
    document = replace(make_draft("en", "record"), title="<script>alert(1)</script>")
    page = Reader(draft_html(document))
    names = {name for name, _ in page.seen}
    assert not names & {"script", "link", "img", "iframe", "b"}
    links = [
        value for _, attributes in page.seen for key, value in attributes.items() if key in ("href", "src")
    ]
    assert links
    assert all(value and value.startswith("#source-") for value in links)
    assert "<script>alert(1)</script>" in page.text["main"]


def test_each_footnote_leads_to_its_source(make_draft: Make) -> None:
    page = Reader(draft_html(make_draft("en", "record")))
    targets = {attributes["id"] for name, attributes in page.seen if name == "li" and "id" in attributes}
    links = {(attributes["href"] or "")[1:] for name, attributes in page.seen if name == "a"}
    assert targets == links == {"source-1", "source-2"}


def test_headings_of_rows_are_headings_and_missing_parts_are_marked(make_draft: Make) -> None:
    html = draft_html(make_draft("en", "record"))
    assert '<th scope="row">persons</th>' in html
    assert "<mark>[MISSING: needs a telephone]</mark>" in html


def test_a_notice_keeps_what_is_for_its_preparer_out_of_main(make_draft: Make) -> None:
    document = make_draft("ko", "notice")
    page = Reader(draft_html(document))
    for hidden in (
        "scope version 3",
        "Act 34(1)",
        "Recipient Office",
        "Have the figures checked",
        "SMS:",
        "초안",
    ):
        assert hidden in page.text["aside"]
        assert hidden not in page.text["main"]
    assert Reader(draft_html(document, sent_only=True)).text["aside"] == ""


def test_nothing_around_a_korean_notice_is_english(make_draft: Make) -> None:
    document = make_draft("ko", "notice")
    bare = replace(
        document,
        sections=(),
        closing=(),
        notes=(),
        duties=(),
        title="제목",
        organisation="기관",
        recipient="대상",
        case="사건",
        scope_version=1,
        short=document.opening[0].text,
    )
    page = Reader(draft_html(bare))
    assert re.findall("[A-Za-z]+", "".join(page.text.values())) == []


def test_a_mail_has_both_forms_of_what_is_sent_and_nothing_else(make_draft: Make) -> None:
    document = make_draft("ko", "notice", missing=False)
    message = email.message_from_bytes(draft_mail(document), policy=SMTP)
    assert message["Subject"] == document.title
    assert message["From"] is message["Date"] is None
    assert message["Content-Language"] == "ko"
    text, page = message.iter_parts()
    assert [each.get_content_type() for each in (text, page)] == ["text/plain", "text/html"]
    assert text.get_content().replace("\r\n", "\n") == draft_text(document, sent_only=True)
    assert page.get_content().replace("\r\n", "\n") == draft_html(document, sent_only=True)
    assert not message.defects


def test_a_mail_names_its_sender_and_time_where_they_are_given(make_draft: Make) -> None:
    sent = datetime(2026, 3, 6, 7, 0, tzinfo=UTC)
    message = email.message_from_bytes(
        draft_mail(make_draft("en"), sender="privacy@example.org", at=sent), policy=SMTP
    )
    assert message["From"].addresses[0].addr_spec == "privacy@example.org"
    assert message["From"].addresses[0].display_name == "Duka & Co. <Ltd>"
    assert message["Date"].datetime == sent


def test_a_long_korean_subject_and_sender_come_back_whole(make_draft: Make) -> None:
    name = "가나다 라마바 사아자 차카타 파하 " * 8 + "끝"
    document = replace(make_draft("ko", missing=False), title=name, organisation=name)
    raw = draft_mail(document, sender="privacy@example.org")
    message = email.message_from_bytes(raw, policy=SMTP)
    assert message["Subject"] == name
    # RFC 2047, 6.2: blanks between encoded words are no blanks; the newer parser shows them in names
    sender = email.message_from_bytes(raw)["From"]
    assert str(make_header(decode_header(sender))) == f"{name} <privacy@example.org>"
    assert max(len(line) for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n")) <= 78


def test_a_mail_with_something_missing_says_so_in_its_subject(make_draft: Make) -> None:
    message = email.message_from_bytes(draft_mail(make_draft("sw")), policy=SMTP)
    assert message["Subject"].startswith("[RASIMU] ")


def test_a_title_of_two_lines_adds_no_header(make_draft: Make) -> None:
    document = replace(make_draft("en", missing=False), title="One\r\nBcc: someone@example.org")
    message = email.message_from_bytes(draft_mail(document), policy=SMTP)
    assert message["Subject"] == "One Bcc: someone@example.org"
    assert message["Bcc"] is None


def test_the_same_draft_gives_the_same_page_and_the_same_mail(make_draft: Make) -> None:
    for write in (draft_html, draft_mail):
        assert write(make_draft("ko")) == write(make_draft("ko"))
