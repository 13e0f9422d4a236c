"""Drafts are accepted, edited and rejected one by one; what is undecided stays a draft, and a faulty map is never written."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.app.map_review import Decision, decide_on_map, waiting_drafts
from whosaw.cli.reviewing import review_one_by_one
from whosaw.core.errors import WhosawError
from whosaw.mapping.data_map import load_map

DRAFT = """# by hand: keep me
[[route]]
id = "one"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
fields = [
    { at = "$.name", category = "identity.name", confidence = "high" },
    { at = "$.memo]", category = "identity.name", confidence = "low" },
]
draft = true
why = "because"

[[route]]
id = "two"
match = { method = "GET", path = "/orders/{id}" }
subject = { from = "unknown" }
categories = ["commerce.orders"]
draft = true
why = "so"

[[route]]
id = "mine"
match = { path = "/me" }
subject = { from = "principal" }
categories = ["identity.name"]
# behind the last
"""


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "map.toml"
    path.write_text(DRAFT, encoding="utf-8")
    return path


def test_what_waits(draft: Path) -> None:
    assert [(each.id, each.confidence) for each in waiting_drafts(draft)] == [("one", "low"), ("two", "low")]


def test_decisions_are_kept_and_the_rest_waits(draft: Path) -> None:
    edit = Decision(what="edit", id="one", name="categories", value='["identity.name", "contact.email"]')
    told = decide_on_map(draft, [edit, Decision(what="accept", id="one"), Decision(what="reject", id="two")])
    assert (told.accepted, told.rejected, told.edited, told.waiting) == (("one",), ("two",), ("one",), ())
    routes = {route.id: route for route in load_map(draft).routes}
    assert list(routes) == ["one", "mine"]
    assert (routes["one"].draft, routes["one"].why, routes["one"].fields) == (False, "", ())
    assert routes["one"].categories == ("identity.name", "contact.email")
    text = draft.read_text(encoding="utf-8")
    assert "# by hand: keep me" in text
    assert "# behind the last" in text
    assert "# rejected: two: GET /orders/{id}" in text


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision(what="accept", id="mine"), "review.no-draft"),
        (Decision(what="reject", id="nine"), "review.no-draft"),
        (Decision(what="edit", id="one", name="why", value='"x"'), "review.not-editable"),
        (Decision(what="edit", id="one", name="categories", value="identity.name"), "review.not-toml"),
        (
            Decision(what="edit", id="one", name="categories", value='["identity.nmae"]'),
            "map.unknown-category",
        ),
        (
            Decision(what="edit", id="one", name="subject", value='{ from = "path", name = "no" }'),
            "map.missing-parameter",
        ),
    ],
)
def test_what_cannot_be_taken_leaves_the_map_as_it_was(draft: Path, decision: Decision, code: str) -> None:
    with pytest.raises(WhosawError) as caught:
        decide_on_map(draft, [Decision(what="accept", id="two"), decision])
    assert caught.value.code == code
    assert draft.read_text(encoding="utf-8") == DRAFT


def test_every_draft_may_be_rejected(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(DRAFT.partition('[[route]]\nid = "mine"')[0], encoding="utf-8")
    told = decide_on_map(path, [Decision(what="reject", id=each) for each in ("one", "two")])
    assert told.waiting == ()
    assert "[[route]]" not in path.read_text(encoding="utf-8")


def test_by_keyboard_it_stops_and_goes_on(draft: Path) -> None:
    said: list[str] = []
    answers = iter(["e", "categories = [1]", "e", 'categories = ["contact.email"]', "x", "a", "q"])
    review_one_by_one(draft, lambda _: next(answers), said.append)
    assert [each.id for each in waiting_drafts(draft)] == ["two"]
    shown = "\n".join(said)
    assert "high" in shown
    assert "$.name" in shown
    assert "1 decided, 1 still drafts" in shown
    answers = iter(["s"])
    review_one_by_one(draft, lambda _: next(answers), said.append)
    answers = iter(["r"])
    review_one_by_one(draft, lambda _: next(answers), said.append)
    assert said[-1] == "\n1 decided, no draft waits"
    assert {route.id: route.categories for route in load_map(draft).routes}["one"] == ("contact.email",)
