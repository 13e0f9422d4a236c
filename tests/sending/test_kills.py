"""The sender is killed between any two steps: nobody is lost, nobody gets it twice, and who is not known is named."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.forked import KILLING, Forking, forking
from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop
from tests.wide import WIDE

from whosaw.store.sending.sending_store import ACCEPTED, UNKNOWN, SendingStore

CONNECTIONS = 3
_PROGRAM = """
from datetime import datetime, timezone
from pathlib import Path
from whosaw.app.sending.send import Going, MailWay, send_notices
from whosaw.sending.smtp import MailServer, SmtpLine
from whosaw.store.sending.sending_store import SendingStore
import whosaw.store.custody_key, cryptography.hazmat.primitives.ciphers.aead, aiosmtplib

def run(workspace, port, connections, kill_at):
    killing = Killing(kill_at)
    killing.around(SendingStore, "write", "lease", "recover")
    killing.around(SmtpLine, "begin", "deliver")
    server = MailServer(host="127.0.0.1", port=port, clear=True)
    way, going = MailWay(server=server, sender="privacy@duka.example.org"), Going(connections=connections)
    done = send_notices("spring", way, going, workspace=Path(workspace), now=lambda: datetime.now(timezone.utc))
    print(done.handed, killing.steps)
"""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forking]:
    with forking(KILLING + _PROGRAM) as process:
        yield process


def _killed_again_and_again(shop: Shop, forks: Forking, people: int, kills: list[int]) -> int:
    """Send with a kill after so many steps each time, then to the end. Returns how many are unknown."""
    killed = 0
    with Peer() as peer:
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
    assert counts["unknown"] <= len(kills) * CONNECTIONS
    store = SendingStore(shop.workspace)
    last = {(each.part, each.row): each.state for each in store.attempts(1)}
    assert store.tally(1) == store.recount(1)
    store.close()
    assert len(last) == people
    assert set(last.values()) <= {ACCEPTED, UNKNOWN}
    assert max(came.values()) == 1, "somebody got it twice"
    reached = {tuple(map(int, each.split("-")[1:3])) for each in came}
    assert {at for at, state in last.items() if state == ACCEPTED} <= reached
    assert {at for at, state in last.items() if at not in reached} <= {
        at for at, state in last.items() if state == UNKNOWN
    }
    return counts["unknown"]


def test_a_kill_after_each_of_the_first_steps_and_at_random_loses_and_doubles_nothing(
    ready: Shop, forks: Forking
) -> None:
    dice = random.Random(1)
    kills = [*range(1, 9), *(dice.randrange(9, 60) for _ in range(6))]
    assert _killed_again_and_again(ready, forks, PEOPLE, kills) > 0


@pytest.mark.skipif(not WIDE, reason="a hundred thousand messages and fifty kills: make test-wide")
def test_a_hundred_thousand_and_fifty_kills(tmp_path: Path, made_shop: Path, forks: Forking) -> None:
    people = 100_000
    shutil.copytree(made_shop, tmp_path / "shop")
    shop = Shop(root=tmp_path / "shop")
    # everybody in one list: the scope has sixty, the others stand in an address book of one of them
    rows = [{"email": f"q{at}@mail{at % 7}.example.org", "saved_by": "1"} for at in range(people - PEOPLE)]
    shop.freeze([*shop.usual_book(), *rows])
    shop.release()
    dice = random.Random(2)
    _killed_again_and_again(shop, forks, people, [dice.randrange(100, 16_000) for _ in range(50)])
