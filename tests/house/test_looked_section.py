"""The table of views looked at one by one: the largest share first, and no row for a clause that looks at nothing."""

from __future__ import annotations

from tools.looked_section import looked_section


def test_clauses_that_look_at_views_stand_there_with_their_share() -> None:
    none = {"days": 0, "views": 0, "every": 400, "left": 0, "flagged": 0}
    some = {"days": 2, "views": 10, "every": 400, "left": 3, "flagged": 1}
    clauses = {"a.few": some, "b.none": none, "c.most": {**some, "views": 100}}
    text = looked_section([{"customers": 1_200, "views": 40, "clauses": clauses}])
    assert "1,200 customers, 40 views; 1 of 3 clauses look at none:" in text
    assert "| `a.few` | 2.50% | 2 | 3 | 1 |" in text
    assert text.index("`c.most` | 25.00%") < text.index("`a.few`")
    assert "b.none" not in text


def test_without_a_measurement_it_says_so() -> None:
    assert looked_section([]).startswith("Nothing was measured yet")
