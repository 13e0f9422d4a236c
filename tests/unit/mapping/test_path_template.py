"""Templates are read strictly, and SQL and Python agree on what they match."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.mapping.path_template import TemplateError, parse_template
from whosaw.store.sql import Session

LITERALS = st.text(alphabet="ab.+([{$^\\é'\"".replace("{", ""), min_size=1, max_size=3)
PIECES = st.lists(st.one_of(LITERALS, st.sampled_from(["{x}", "{y}", "/", "*"])), min_size=1, max_size=6)
TEXTS = st.text(alphabet="ab.+(/[$^\\é'\"", max_size=8)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("customers/{id}", "starts with /"), ("/a?b=1", "no ?"), ("/a%20b", "decoded"), ("/a//b", "no empty"),
        ("/a/../b", "no empty"), ("/a/{id", "partner"), ("/a/id}", "partner"), ("/{a}{b}", "side by side"),
        ("/{a b}", "not a name"), ("/{}", "not a name"), ("/{a}/{a}", "twice"), ("/a/*/b", "only at the end"),
        ("/a/**", "once"), ("/a\x00", "control"), ("/" + "a" * 600, "512"),
    ],
)  # fmt: skip
def test_faulty_paths(text: str, word: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(word)):
        parse_template(text, path=True)


@pytest.mark.parametrize(
    ("template", "path", "fits"),
    [
        ("/a/*", "/a", True), ("/a/*", "/a/b/c", True), ("/a/*", "/ab", False), ("/a*", "/ab/c", True),
        ("/*", "/", True), ("/*", "/x", True), ("/", "/", True), ("/", "/x", False), ("/a/", "/a", True),
        ("/{x}.pdf", "/.pdf", False), ("/{x}.pdf", "/a.b.pdf", True), ("/{x}", "/a/b", False),
        ("/a.b", "/axb", False),
        ("/{x}/*", "/a", True), ("/{x}/*", "/a/b/c", True), ("/{x}/", "/a", True),
    ],
)  # fmt: skip
def test_what_paths_fit(template: str, path: str, fits: bool, session: Session) -> None:
    parsed = parse_template(template, path=True)
    rows = session.query(f"SELECT {parsed.sql_test('p')} AS fits FROM t", t=pa.table({"p": [path]}))
    assert rows["fits"].to_pylist() == [fits]


@settings(max_examples=examples(150), deadline=None)
@given(pieces=PIECES, texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_sql_agrees_with_python(pieces: list[str], texts: list[str], session: Session) -> None:
    try:
        template = parse_template("".join(pieces), path=False)
    except TemplateError:
        return
    tests = f"coalesce({template.sql_test('p')}, false)"
    reads = [template.sql_value("p", name) for name in template.names]
    rows = session.query(f"SELECT {', '.join([tests, *reads])} FROM t", t=pa.table({"p": texts}))
    for text, row in zip(
        texts, zip(*(column.to_pylist() for column in rows.columns), strict=True), strict=True
    ):
        expected = re.match(template.regex().replace("(?s)^", "(?s)\\A").removesuffix("$") + r"\Z", text)
        assert row[0] == (expected is not None)
        if expected is not None:
            assert list(row[1:]) == list(expected.groups())
