"""The proof of telling: a root over every attempt, and the line of one person that shows nothing of anybody else."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop

from whosaw.app.cases.versions import close_case
from whosaw.app.sending.prove import OpenedLine, open_lines, prove
from whosaw.app.sending.settle import replace_failed, settle
from whosaw.app.sending.verify_line import verify_line
from whosaw.core.errors import WhosawError
from whosaw.evidence.keys import make_key
from whosaw.evidence.verify import merkle_root
from whosaw.sending.proof import Tree, leaf_of, root_by_way
from whosaw.store.workspace import Workspace


@given(st.integers(1, 70), st.data())
def test_the_way_from_each_leaf_leads_to_the_root_and_no_other_does(leaves: int, data: st.DataObject) -> None:
    lines = [str(at).encode() for at in range(leaves)]
    tree = Tree(range(leaves))
    for each in lines:
        tree.add(leaf_of(b"", each))
    root, ways = tree.root()
    assert root == merkle_root(
        lines
    )  # the tree of the evidence bundle, which was written apart from this one
    at = data.draw(st.integers(0, leaves - 1))
    leaf = leaf_of(b"", lines[at])
    assert root_by_way(leaf, at, leaves, ways[at]) == root
    other = data.draw(st.integers(0, leaves - 1).filter(lambda each: each != at)) if leaves > 1 else leaves
    assert root_by_way(leaf, other, leaves, ways[at]) != root
    assert root_by_way(leaf, at, leaves, (*ways[at], hashlib.sha256(b"").digest())) != root
    if ways[at]:
        assert root_by_way(leaf, at, leaves, ways[at][:-1]) != root


@pytest.fixture
def told(ready: Shop) -> Shop:
    with Peer(lambda to, times: "550 5.1.1 no" if to.startswith("p17@") else "250 ok") as peer:
        ready.send(peer.port)
    return ready


def line_of(shop: Shop, person: str) -> OpenedLine:
    (found,) = open_lines("spring", person, workspace=shop.workspace, reason="asked", now=shop.clock.now())
    return found


def written(shop: Shop, document: Any) -> Path:
    path = shop.root / "line.json"
    path.write_text(json.dumps(document))
    return path


def test_the_line_of_one_person_holds_by_itself_and_shows_nobody_else(told: Shop) -> None:
    key = told.root / "signing.pem"
    fingerprint = make_key(key)
    root = prove("spring", workspace=told.workspace, now=told.clock.now(), key=key)
    assert root.leaves == PEOPLE
    opened = line_of(told, "17")
    checked = verify_line(written(told, opened.document), signer=fingerprint)
    assert checked.answer == "holds", checked.parts
    assert {each.part: each.answer for each in checked.parts} == {
        "tree": "holds",
        "journal": "holds",
        "signature": "holds",
    }
    assert isinstance(checked.line, dict)
    assert (checked.line["state"], checked.line["code"]) == ("bounced", 550)
    text = json.dumps(opened.document)
    assert "example.org" not in text
    assert sum(len(each) for each in opened.document["way"]) == 64 * len(opened.document["way"])  # type: ignore[arg-type,union-attr]


def test_the_key_in_the_line_is_that_of_the_message_in_the_mailbox(ready: Shop) -> None:
    from email import message_from_bytes

    with Peer() as peer:
        ready.send(peer.port)
    prove("spring", workspace=ready.workspace, now=ready.clock.now())
    (mine,) = [data for to, _, data in peer.taken if to.startswith("p23@")]
    line = line_of(ready, "23").document["line"]
    assert isinstance(line, dict)
    assert message_from_bytes(mine)["Message-ID"] == f"<{line['key']}@duka.example.org>"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("line", "state"), "accepted"),
        (("line", "handed"), "2026-11-25T11:00:00Z"),
        (("nonce",), "00" * 16),
        (("number",), 0),
        (("root",), "00" * 32),
        (("entry", "who"), "somebody"),
        (("custody", "signature"), "00" * 64),
    ],
)
def test_a_line_that_was_changed_is_broken(told: Shop, place: tuple[str, ...], value: object) -> None:
    prove("spring", workspace=told.workspace, now=told.clock.now())
    document: Any = json.loads(json.dumps(line_of(told, "17").document))
    at = document
    for name in place[:-1]:
        at = at[name]
    if (
        at[place[-1]] == value == 0
    ):  # lines are in the order of keys that are drawn, so this one may be the first
        value = 1
    assert at[place[-1]] != value
    at[place[-1]] = value
    assert verify_line(written(told, document)).answer == "broken"


def test_a_scan_that_begins_clears_nothing_of_a_proof_away(
    told: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, began = os.replace, []

    def scan_begins_before(held: Path, path: Path) -> None:
        began.append(path)
        with closing(Workspace.open(told.workspace)) as workspace, workspace.writing():
            workspace.files.clear_parts()
        really(held, path)

    with monkeypatch.context() as patch:
        patch.setattr("whosaw.store.files.os.replace", scan_begins_before)
        prove("spring", workspace=told.workspace, now=told.clock.now())
    assert len(began) == 2
    assert verify_line(written(told, line_of(told, "17").document)).answer == "holds"


def test_no_line_has_the_name_of_another(told: Shop) -> None:
    names = set()
    for many in (2, 4):
        root = prove("spring", workspace=told.workspace, now=told.clock.now())
        for person in ("17", "23"):
            opened = line_of(told, person)
            line: Any = opened.document["line"]
            assert opened.name == f"spring-1-{line['key'][:16]}-1-entry-{root.entry}.json"
            names.add(opened.name)
        assert len(names) == many


def test_a_head_that_was_noted_elsewhere_decides(told: Shop) -> None:
    root = prove("spring", workspace=told.workspace, now=told.clock.now())
    document: Any = line_of(told, "17").document
    path = written(told, document)
    assert verify_line(path, head=f"{root.entry}:{document['entry']['hash'][:32]}").answer == "holds"
    assert verify_line(path, head=f"{root.entry}:{'0' * 32}").answer == "broken"
    assert verify_line(path, head=f"{root.entry + 1}:{'0' * 32}").answer == "cannot tell"


def test_a_case_is_not_closed_while_somebody_waits(ready: Shop) -> None:
    with pytest.raises(WhosawError, match=f"{PEOPLE} were not told yet"):
        close_case(ready.workspace, "spring", despite=None, now=ready.clock.now())
    with Peer(lambda to, times: "drop-after" if to.startswith("p1@") else "250 ok") as peer:
        ready.send(peer.port)
    assert ready.counts() == {"waiting": 0, "sent": PEOPLE - 1, "failed": 0, "excluded": 0, "unknown": 1}
    assert close_case(ready.workspace, "spring", despite=None, now=ready.clock.now()).open == ()


def test_only_a_person_has_the_unknown_sent_again(ready: Shop) -> None:
    with Peer(lambda to, times: "drop-after" if times == 1 else "250 ok") as peer:
        ready.send(peer.port)
        assert ready.counts()["unknown"] == PEOPLE
        settle(
            "spring",
            "again",
            workspace=ready.workspace,
            reason="the server lost its queue",
            now=ready.clock.now(),
        )
        assert ready.counts()["waiting"] == PEOPLE
        ready.send(peer.port)
    assert ready.counts()["sent"] == PEOPLE


def test_another_channel_takes_over_where_there_is_an_address_for_it(shop: Shop) -> None:
    rows = shop.usual_book()
    for at, row in enumerate(rows):
        row["post"] = "Box 1, Nairobi" if at < 5 else ""
    shop.freeze(rows)
    shop.release()
    with Peer(lambda to, times: "550 5.1.1 no" if int(to[1 : to.index("@")]) <= 8 else "250 ok") as peer:
        shop.send(peer.port)
    assert shop.counts()["failed"] == 8
    done = replace_failed("spring", workspace=shop.workspace, reason="letters", now=shop.clock.now())
    assert (done.people, done.left) == (5, 3)
    assert shop.counts() == {"waiting": 5, "sent": PEOPLE - 8, "failed": 3, "excluded": 0, "unknown": 0}
    states = {each.channel: dict(each.states) for each in shop.status().channels}
    assert states == {"e-mail": {"accepted": PEOPLE - 8, "bounced": 3}, "letter": {"planned": 5}}
