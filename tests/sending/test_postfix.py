"""From end to end through a mail server that nobody here wrote: its queue, its retries and its bounces."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes

from tests.sending.peer import Peer
from tests.sending.postfix import postfix
from tests.sending.shop import PEOPLE, Shop
from tests.waiting import wait_until

from whosaw.app.sending.bounces import read_bounces

GONE = 10  # people whose address the receiving server does not know
BUSY = 5  # people whose server says "later" the first time


def _rule(to: str, times: int) -> str:
    at = int(to[1 : to.index("@")])
    if at <= GONE:
        return "rcpt:550 5.1.1 no such user"
    if at <= GONE + BUSY and times == 1:
        return "rcpt:451 4.7.1 come back"
    return "250 ok"


def test_postfix_takes_every_notice_queues_retries_and_bounces_and_each_bounce_ends_its_delivery(
    ready: Shop,
) -> None:
    with Peer(_rule) as peer, postfix(peer=peer.port, back="duka.example.org") as server:
        done = ready.send(server.port)
        assert done.states == {"accepted": PEOPLE}
        assert ready.counts()["sent"] == PEOPLE, "taken by the server is all that is known so far"
        wait_until(lambda: len(peer.taken) == PEOPLE - GONE, what="the queue to empty")
        wait_until(lambda: server.came_back() == GONE, what="every bounce to lie in the Maildir")
        assert ready.send(server.port).handed == 0
        assert "status=deferred" in server.log()
        read = read_bounces(
            "spring", [server.inbox], workspace=ready.workspace, now=ready.clock.now(), most_bounces=1
        )
    came = Counter(to for to, _, _ in peer.taken)
    assert set(came.values()) == {1}
    paths = {sender for _, sender, _ in peer.taken}
    assert len(paths) == PEOPLE - GONE, "postfix kept the keyed return path of each"
    assert {message_from_bytes(data)["Auto-Submitted"] for _, _, data in peer.taken} == {"auto-generated"}
    assert (Counter(read.kinds), read.ended, read.of_nobody) == ({"failed": GONE}, GONE, 0)
    assert ready.counts() == {
        "waiting": 0, "sent": PEOPLE - GONE, "failed": GONE, "excluded": 0, "unknown": 0,
    }  # fmt: skip
