"""HTML is put together escaped, whatever is put in."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.report.markup import join, tag, trusted


class Reading(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[str | None] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(value for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_is_escaped_and_markup_is_not_escaped_twice() -> None:
    assert tag("p", "<b>", tag("b", "&")) == "<p>&lt;b&gt;<b>&amp;</b></p>"


def test_attributes_are_quoted_and_named() -> None:
    assert tag("a", "x", href='"><script>', class_="k", aria_label="1 < 2") == (
        '<a href="&quot;&gt;&lt;script&gt;" class="k" aria-label="1 &lt; 2">x</a>'
    )


def test_none_and_false_are_left_out_and_true_is_bare() -> None:
    assert tag("details", None, open=True, hidden=False, id=None) == "<details open></details>"


def test_void_elements_have_no_end_and_shapes_have_one() -> None:
    assert tag("meta", name="a") == '<meta name="a">'
    assert tag("rect", x=1) == '<rect x="1"></rect>'


def test_control_characters_are_made_visible() -> None:
    assert tag("p", "a\0b\x1bc") == "<p>a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c</p>"


def test_lone_surrogates_do_not_stop_the_page_from_being_written() -> None:
    tag("p", "\udcff").encode("utf-8")


def test_join_escapes_what_stands_between() -> None:
    assert join(["a", trusted("<br>"), None, "<"], " & ") == "a &amp; <br> &amp; &lt;"


@settings(max_examples=examples(200), deadline=None)
@given(
    text=st.text(st.characters(blacklist_categories=("Cs", "Cc"))),
    value=st.text(st.characters(blacklist_categories=("Cs", "Cc"))),
)
def test_any_text_comes_back_as_text(text: str, value: str) -> None:
    reading = Reading(tag("p", text, title=value))
    assert (reading.tags, reading.attributes, reading.text) == (["p"], [value], text)
