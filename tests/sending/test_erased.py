"""Who is erased has no address in what was frozen, and is not given one again; what was told adds up as before."""

from __future__ import annotations

from datetime import timedelta

from tests.erasing.looking import addresses
from tests.sending.peer import Peer
from tests.sending.shop import NOW, Shop

from whosaw.app.erasing.erase import erase
from whosaw.app.erasing.retention import retention
from whosaw.app.project.file import KeepRule


def test_addresses_of_recipients_go_and_the_numbers_add_up(ready: Shop) -> None:
    root = ready.workspace
    mail = b"p7@mail1.example.org"
    assert mail in addresses(root)
    told = erase(root, "7", ground="request", reason="request 12", now=NOW)
    assert (told.addresses, told.waiting) == (1, 1)
    kept = addresses(root)
    assert mail not in kept
    assert b"p8@mail2.example.org" in kept
    with Peer() as peer:
        ready.send(peer.port)
        assert not [to for _, _, to in peer.taken if "p7@" in str(to)]
    assert ready.counts() == {"waiting": 0, "sent": 59, "failed": 1, "excluded": 0, "unknown": 0}
    ready.freeze([{"subject": "7", "email": mail.decode()}], version=2)
    assert mail not in addresses(root)
    assert ready.status().why_excluded["erased"] == 1


def test_addresses_go_by_a_rule_once_nobody_waits(ready: Shop) -> None:
    rule = KeepRule(what="addresses", days=365, ground="no-longer-needed")
    later = NOW + timedelta(days=400)

    def due(*, do: bool = False) -> tuple[int, int, int]:
        told = retention(ready.workspace, [rule], now=later, reason="rule 7", do=do)
        (found,) = told.rules
        return found.due, found.needed, found.going

    assert due(do=True) == (60, 60, 0)
    assert b"p7@mail1.example.org" in addresses(ready.workspace)
    with Peer() as peer:
        ready.send(peer.port)
    before = ready.counts()
    assert due(do=True) == (60, 0, 60)
    assert b"@" not in addresses(ready.workspace)
    assert due() == (0, 0, 0)
    assert ready.counts() == before
