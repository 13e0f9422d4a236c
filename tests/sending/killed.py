"""A sender that is killed again and again, then sends to the end: what of each recipient is held against what the peer took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.forked import KILLING, Forking
from tests.sending.peer import Peer
from tests.sending.shop import Shop

from whosaw.sending.sender import AHEAD
from whosaw.store.sending.sending_store import ACCEPTED, UNKNOWN, SendingStore

__all__ = ["PROGRAM", "After", "killed_again_and_again"]

CONNECTIONS = 3
PROGRAM = (
    KILLING
    + """
from datetime import datetime, timezone
from pathlib import Path
from whosaw.app.sending.send import Going, MailWay, send_notices
from whosaw.sending.smtp import MailServer, SmtpLine
from whosaw.store.sending.sending_store import SendingStore
import whosaw.store.custody_key, cryptography.hazmat.primitives.ciphers.aead, aiosmtplib

def run(workspace, port, connections, kill_at):
    killing = Killing(kill_at)
    killing.around(SendingStore, "prepare", "flush", "lease", "recover")
    killing.around(SmtpLine, "begin", "deliver")
    server = MailServer(host="127.0.0.1", port=port, clear=True)
    way, going = MailWay(server=server, sender="privacy@duka.example.org"), Going(connections=connections)
    done = send_notices("spring", way, going, workspace=Path(workspace), now=lambda: datetime.now(timezone.utc))
    print(done.handed, killing.steps)
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """How many of the people a peer took a message for, how many are unknown, and how many got none and are not named so, or got two."""

    sent: int
    unknown: int
    lost: int
    twice: int


def killed_again_and_again(shop: Shop, forks: Forking, people: int, kills: list[int]) -> After:
    """Send with a kill after so many steps each time, then to the end. Each kill has to hit."""
    killed = 0
    with Peer(whole=False) as peer:
        for steps in kills:
            ended = forks.run(str(shop.workspace), peer.port, CONNECTIONS, steps)
            assert ended.code in (-9, 0), ended.shown
            killed += ended.code == -9
            told = shop.status()
            assert told.adds_up
            assert told.frozen_recipients == people
        ended = forks.run(str(shop.workspace), peer.port, CONNECTIONS, 0)
        assert ended.code == 0, ended.shown
        came = Counter(sender.rsplit("-", 2)[0] for _, sender, _ in peer.taken)
    assert killed == len(kills)
    counts = shop.counts()
    assert counts["sent"] + counts["unknown"] == people, counts
    assert counts["unknown"] <= len(kills) * CONNECTIONS * AHEAD
    store = SendingStore(shop.workspace)
    last = {(each.part, each.row): each.state for each in store.attempts(1)}
    assert store.tally(1) == store.recount(1)
    store.close()
    assert len(last) == people
    assert set(last.values()) <= {ACCEPTED, UNKNOWN}
    reached = {tuple(map(int, each.split("-")[1:3])) for each in came}
    return After(
        sent=counts["sent"],
        unknown=counts["unknown"],
        lost=sum(state != UNKNOWN and at not in reached for at, state in last.items()),
        twice=sum(many > 1 for many in came.values()),
    )
