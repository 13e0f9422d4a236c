"""From a counted case to messages at a server: nobody is missed, nobody gets it twice, and the numbers always add up."""

from __future__ import annotations

import re
from email import message_from_bytes

import pytest
from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop

from whosaw.core.errors import FaultsError, WhosawError


def test_everybody_gets_one_message_after_each_wave_was_released(shop: Shop) -> None:
    shop.freeze()
    assert shop.counts() == {"waiting": PEOPLE, "sent": 0, "failed": 0, "excluded": 0, "unknown": 0}
    with Peer() as peer:
        with pytest.raises(WhosawError, match="no wave"):
            shop.send(peer.port)
        shop.release("staff", "1 %")
        shop.send(peer.port)
        first = len(peer.taken)
        assert first < PEOPLE / 2
        assert shop.counts()["sent"] == first
        shop.release("10 %", "rest")
        shop.send(peer.port)
        assert sorted(to for to, _, _ in peer.taken) == sorted(row["email"] for row in shop.usual_book())
        assert shop.counts() == {"waiting": 0, "sent": PEOPLE, "failed": 0, "excluded": 0, "unknown": 0}
        assert shop.send(peer.port).handed == 0
    assert len(peer.taken) == PEOPLE


def test_a_message_names_one_person_its_key_and_a_return_path_that_only_we_can_make(ready: Shop) -> None:
    with Peer() as peer:
        ready.send(peer.port)
    ids, paths = set(), set()
    for to, sender, data in peer.taken:
        told = message_from_bytes(data)
        assert told["To"] == to
        assert told["Auto-Submitted"] == "auto-generated"
        assert told["X-Unsent"] is None
        assert re.fullmatch(r"<[0-9a-f]{32}@duka\.example\.org>", told["Message-ID"])
        assert re.fullmatch(r"n1-\d+-\d+-1-[0-9a-f]{20}@duka\.example\.org", sender)
        ids.add(told["Message-ID"])
        paths.add(sender)
    assert len(ids) == len(paths) == PEOPLE


def test_addresses_stand_nowhere_in_the_workspace_in_clear(ready: Shop) -> None:
    with Peer() as peer:
        ready.send(peer.port)
    (ready.root / "people.csv").unlink()
    for path in ready.workspace.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"p17@mail" not in data, path
            assert b"@mail2.example.org" not in data, path


def test_a_text_that_fails_its_check_stops_all(shop: Shop) -> None:
    bad = next((shop.root / "notices").glob("*-en-seen-1-e-mail.eml"))
    bad.write_text(bad.read_text().replace("leaked", "was exposed"))
    with pytest.raises(FaultsError) as fault:
        shop.freeze()
    assert bad.name in str(fault.value)
    with pytest.raises(WhosawError, match="no recipients"):
        shop.status()


def test_a_draft_is_not_sent(shop: Shop) -> None:
    bad = next((shop.root / "notices").glob("*-en-seen-1-e-mail.eml"))
    bad.write_text(bad.read_text().replace("Subject: ", "Subject: [DRAFT] ", 1))
    with pytest.raises(FaultsError, match="draft"):
        shop.freeze()


def test_who_needs_a_text_that_is_not_there_is_told_before_anything_is_frozen(shop: Shop) -> None:
    for path in (shop.root / "notices").glob("*-sw-*"):
        path.unlink()
    rows = shop.usual_book()
    rows[5]["language"] = "sw"
    with pytest.raises(FaultsError, match="no text for 1 people: group seen-2, ke, sw"):
        shop.freeze(rows)


def test_a_version_is_frozen_once(shop: Shop) -> None:
    shop.freeze()
    with pytest.raises(WhosawError, match="frozen already"):
        shop.freeze()


def test_a_wave_is_not_released_before_the_one_ahead_of_it(shop: Shop) -> None:
    rows = shop.usual_book()
    rows[0]["staff"] = "yes"
    shop.freeze(rows)
    with pytest.raises(WhosawError, match="comes first"):
        shop.release("rest")
