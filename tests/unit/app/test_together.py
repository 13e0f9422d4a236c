"""Contents that begin alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whosaw.app.reading.together import Heads

HEAD = st.binary(max_size=6).map(lambda told: bytes(each & 1 for each in told))


@given(st.lists(HEAD), HEAD)
def test_alike_is_whatever_begins_with_all_of_the_other(known: list[bytes], head: bytes) -> None:
    expected = any(each.startswith(head) or head.startswith(each) for each in known)
    assert Heads(known).alike(head) is expected


def test_one_that_is_added_counts_from_then_on() -> None:
    heads = Heads([b"192.0.2.1 ", b"192.0.2.9 "])
    assert not heads.alike(b"192.0.2.5 - -")
    heads.add(b"192.0.2.5 ")
    assert heads.alike(b"192.0.2.5 - -")
    assert heads.alike(b"192.0.2.")
