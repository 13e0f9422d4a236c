"""What was asked for last is kept, up to a weight."""

from __future__ import annotations

from whosaw.store.recent import Recent


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    kept: Recent[str, int] = Recent(5)
    kept.put("a", 1, 2)
    kept.put("b", 2, 2)
    assert kept.get("a") == 1
    kept.put("c", 3, 2)  # one of them has to go, and b was not asked for
    assert [kept.get(each) for each in "abc"] == [1, None, 3]
    assert list(kept) == ["c", "a"]
    kept.put("large", 4, 6)
    kept.put("a", 9, 1)  # is there already
    assert [kept.get(each) for each in ("a", "c", "large")] == [1, 3, None]
    kept.clear()
    kept.put("d", 5, 5)
    assert [kept.get(each) for each in "ad"] == [None, 5]
