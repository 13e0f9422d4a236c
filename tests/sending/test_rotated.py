"""The vault is rotated with its digests while notices go out: who was told by what stays provable, and nobody is told twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.erasing.digests import digests_of, where_found
from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop, make_another

from whosaw.app.cases.making import make_version
from whosaw.app.erasing.erase import erase
from whosaw.app.erasing.rotate import rotate
from whosaw.app.sending.prove import open_lines, prove
from whosaw.core.errors import WhosawError


def _line(shop: Shop) -> list[object]:
    opened = open_lines("spring", "2", workspace=shop.workspace, reason="x", now=shop.clock.now())
    return [each.document["line"] for each in opened]


def test_lists_lead_where_they_led_and_the_rest_goes_once(ready: Shop) -> None:
    root = ready.workspace
    with Peer(lambda _to, times: "451 4.7.1 later" if times == 1 else "250 ok") as peer:
        ready.send(peer.port, wait=False)
        prove("spring", workspace=root, now=ready.clock.now())
        counts, line, digests = ready.counts(), _line(ready), digests_of(root)
        assert "recipients" in where_found(root, digests)
        rotate(root, reason="somebody left", now=ready.clock.now(), digests=True)
        assert where_found(root, digests) == {"scope"}  # the clue of a version, which stays as it was sealed
        assert (ready.counts(), _line(ready)) == (counts, line)
        ids = {to: data.partition(b"Message-ID: ")[2].splitlines()[0] for to, _, data in peer.taken}
        ready.send(peer.port)
        told = ready.counts()
        again = [(to, data.partition(b"Message-ID: ")[2].splitlines()[0]) for to, _, data in peer.taken]
    assert told["unknown"] == told["waiting"] == 0
    assert len(again) == len({to for to, _ in again})
    assert ids.items() <= set(again)


def test_a_version_is_made_from_the_same_clue_and_an_erasure_reaches_the_list(ready: Shop) -> None:
    root = ready.workspace
    first = make_version(root, "summer", indicators=["address=192.0.2.77"], now=ready.clock.now())
    rotate(root, reason="somebody left", now=ready.clock.now(), digests=True)
    second = make_version(root, "summer", indicators=["address=192.0.2.77"], now=ready.clock.now())
    assert (second.version.counts, second.version.clues) == (first.version.counts, first.version.clues)
    done = erase(root, "2", ground="request", reason="request 12", now=ready.clock.now())
    assert done.addresses == 1


def test_whoever_was_told_before_is_not_told_again_and_a_later_version_goes_to_the_rest(shop: Shop) -> None:
    aunt = {"email": "aunt@example.org", "saved_by": "1"}
    uncle = {"email": "uncle@example.org", "saved_by": "5"}
    told = [*shop.usual_book(), aunt]
    shop.freeze(told)
    shop.release()
    with Peer() as peer:
        shop.send(peer.port)
        assert len(peer.taken) == PEOPLE + 1
        rotate(shop.workspace, reason="somebody left", now=shop.clock.now(), digests=True)
        again = shop.send(peer.port)
        assert (again.handed, len(peer.taken)) == (0, PEOPLE + 1)
        with pytest.raises(WhosawError, match="frozen"):
            shop.freeze(told)
    shop.clock.at += timedelta(hours=1)
    make_another(shop.root, 3, seen=[201, 202], addresses=[5], now=shop.clock.now())
    (shop.root / "notices").rename(shop.root / "notices-1")
    (shop.root / "notices-3").rename(shop.root / "notices")
    came_in = [
        {"subject": str(at), "email": f"p{at}@mail.example.org"}
        for at in (*range(PEOPLE + 1, PEOPLE + 11), 201, 202)
    ]
    frozen = shop.freeze([*told, *came_in, uncle], version=3, since=1)
    assert (frozen.manifest.version, frozen.manifest.since) == (3, 1)
    shop.release()
    with Peer() as peer:
        shop.send(peer.port)
        assert sorted(to for to, _, _ in peer.taken) == sorted(
            [
                *(each["email"] for each in came_in),
                "p4@mail1.example.org",
                "p5@mail2.example.org",
                "uncle@example.org",
            ]
        )
    assert shop.counts()["sent"] == len(came_in) + 3
