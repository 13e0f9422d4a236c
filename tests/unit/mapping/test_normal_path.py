"""One spelling for a path, the same in the fast way and in the slow one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.mapping.apply import _normal
from whosaw.mapping.normal_path import ODD, normal_path
from whosaw.store.sql import Session


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b"),
        ("/", "/"),
        ("", "/"),
        ("*", "/*"),
        ("/a/../../b", "/b"),
        ("/a%2fb/c", "/a\x01b/c"),
        ("/a\x01b", "/a%01b"),
        ("/a%01b%2Fc", "/a%01b\x01c"),
        ("/a;x=1/b;v", "/a/b"),
        ("/a;/b;=x", "/a/b"),
        ("/a;%2f/b", "/a/b"),
        ("/x/..;/a", "/a"),
        ("/x/..;y=1/a", "/a"),
        ("/a#f", "/a"),
        ("/a/#/../b", "/a"),
        ("/a#f?b=1", "/a"),
        ("/a%23b", "/a#b"),
        ("/100%", "/100%"),
        ("/%zz", "/%zz"),
        ("/%ff/%41", "/%ff/A"),
        ("HTTPS://shop.example.org:8443", "/"),
    ],
)
def test_spellings(path: str, normal: str) -> None:
    assert normal_path(path) == normal


PIECES = st.sampled_from(
    [
        "/",
        ".",
        "a",
        "é",
        ";x=1",
        "%41",
        "%2e",
        "%2F",
        "%00",
        "%01",
        "%ff",
        "%",
        "%e",
        "%C3%A9",
        "+",
        ";",
        "..",
        "#",
    ]
)
PATHS = st.lists(PIECES, max_size=7).map("".join)


@settings(max_examples=examples(80), deadline=None)
@given(paths=st.lists(PATHS, max_size=6))
def test_the_fast_way_agrees_and_changes_nothing_twice(paths: list[str], session: Session) -> None:
    fast, _ = _normal(pa.chunked_array([pa.array(paths, pa.string())]), session)
    assert fast.to_pylist() == [normal_path(path) for path in paths]


@given(PATHS)
def test_what_is_not_odd_is_normal_already(path: str) -> None:
    import re

    if not re.search(ODD, path):
        assert normal_path(path) == path
