"""What comes back is read for what it says, counted once, and believed only with a return path that we made."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

from tests.sending.bounce_samples import SYSTEMS, Sample, samples
from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop

from whosaw.app.sending.bounces import BouncesRead, read_bounces
from whosaw.sending.bounces import DELIVERED, read_bounce
from whosaw.sending.keys import Keys, Return
from whosaw.store.vault import Vault

KEYS = Keys(Vault(bytes(32)))
DOMAIN = "duka.example.org"


def made() -> list[tuple[Return, Sample]]:
    numbers = itertools.count()
    backs: list[Return] = []

    def address() -> tuple[str, str]:
        at = next(numbers)
        backs.append(Return(sending=1, part=at % 5, row=at, n=1 + at % 3))
        return KEYS.return_path(backs[-1], DOMAIN), f"person{at}@mail.example.org"

    found = list(samples(address))
    return list(zip(backs, found, strict=True))


def test_of_three_hundred_bounces_of_forty_systems_all_but_one_in_a_hundred_are_read_rightly() -> None:
    every = made()
    assert len(every) >= 300
    assert len(set(SYSTEMS)) >= 40
    read = [(sample, back, read_bounce(sample.raw, KEYS)) for back, sample in every]
    wrong = [
        (sample.system, sample.variant, came.kind, came.status)
        for sample, back, came in read
        if (came.kind, came.back) != (sample.kind, back) or (sample.status and came.status != sample.status)
    ]
    assert len(wrong) <= len(every) // 100, wrong
    # worse than a bounce that is not understood is one that counts as an arrival
    assert not [
        sample.system for sample, _, came in read if came.kind == DELIVERED and sample.kind != DELIVERED
    ]


def test_a_bounce_without_a_return_path_of_ours_is_about_nobody() -> None:
    back, sample = made()[0]
    path = KEYS.return_path(back, DOMAIN)
    mark = path.partition("@")[0]
    other = mark[:-1] + ("0" if mark[-1] != "0" else "1")
    assert read_bounce(sample.raw.replace(mark.encode(), other.encode()), KEYS).back is None
    assert read_bounce(sample.raw.replace(mark.encode(), mark.upper().encode()), KEYS).back == back
    assert Keys(Vault(bytes(31) + b"1")).read_return(path) is None


def _bounced(
    ready: Shop, taken: list[tuple[str, str, bytes]], variant: str, people: slice, name: str
) -> BouncesRead:
    folder = ready.root / name
    folder.mkdir()
    for at, (to, sender, _) in enumerate(taken[people]):
        sample = next(each for each in samples(lambda: (sender, to)) if each.variant == variant)  # noqa: B023  # used at once
        (folder / f"{at}.eml").write_bytes(sample.raw)
    return read_bounces(
        "spring",
        [folder],
        workspace=ready.workspace,
        now=ready.clock.now(),
        most_bounces=1,
        most_complaints=1,
    )


def test_a_late_bounce_ends_what_was_taken_once_however_often_it_comes(ready: Shop) -> None:
    with Peer() as peer:
        ready.send(peer.port)
    first = _bounced(ready, peer.taken, "nobody", slice(0, 10), "first")
    assert (first.ended, first.messages) == (10, 10)
    assert ready.counts() == {"waiting": 0, "sent": PEOPLE - 10, "failed": 10, "excluded": 0, "unknown": 0}
    again = read_bounces(
        "spring", [ready.root / "first"], workspace=ready.workspace, now=ready.clock.now(), most_bounces=1
    )
    assert (again.ended, again.known) == (0, 10)
    second = _bounced(ready, peer.taken, "full", slice(0, 10), "second")  # of the same people, in other words
    assert (second.ended, second.again) == (0, 10)
    assert ready.counts()["failed"] == 10


def test_delays_and_answers_by_machines_change_nothing(ready: Shop) -> None:
    with Peer() as peer:
        ready.send(peer.port)
    _bounced(ready, peer.taken, "later", slice(0, 5), "later")
    _bounced(ready, peer.taken, "Re: Your personal data leaked", slice(0, 5), "replies")
    assert ready.counts()["sent"] == PEOPLE


def test_what_was_unknown_and_comes_back_is_known(ready: Shop) -> None:
    with Peer(lambda to, times: "drop-after") as peer:
        ready.send(peer.port)
    assert ready.counts()["unknown"] == PEOPLE
    _bounced(ready, peer.taken, "nobody", slice(0, 7), "bounced")
    _bounced(ready, peer.taken, "delivered", slice(7, 10), "delivered")
    assert ready.counts() == {"waiting": 0, "sent": 3, "failed": 7, "excluded": 0, "unknown": PEOPLE - 10}


def test_complaints_beyond_the_bar_stop_what_is_left(shop: Shop) -> None:
    rows = shop.usual_book()
    for row in rows[:8]:
        row["staff"] = "yes"
    shop.freeze(rows)
    shop.release("staff")
    with Peer() as peer:
        shop.send(peer.port)
    folder = shop.root / "fbl"
    folder.mkdir()
    taken = peer.taken[:5]
    assert len(taken) == 5
    for at, (to, sender, _) in enumerate(taken):
        sample = next(each for each in samples(lambda: (sender, to)) if each.kind == "complaint")  # noqa: B023  # used at once
        (folder / str(at)).write_bytes(sample.raw)
    read = read_bounces("spring", [folder], workspace=shop.workspace, now=shop.clock.now())
    assert Counter(read.kinds) == {"complaint": 5}
    assert "complaints" in read.stopped
    assert shop.status().stopped
    assert shop.counts()["sent"] == len(peer.taken)


def test_mailboxes_of_every_kind_are_read(ready: Shop, tmp_path: Path) -> None:
    import mailbox

    with Peer() as peer:
        ready.send(peer.port)
    box, folder = mailbox.mbox(tmp_path / "mbox"), mailbox.Maildir(tmp_path / "Maildir")
    for at, (to, sender, _) in enumerate(peer.taken[:6]):
        sample = next(samples(lambda: (sender, to)))  # noqa: B023  # used at once
        (box if at % 2 else folder).add(sample.raw)
    box.close()
    read = read_bounces(
        "spring",
        [tmp_path / "mbox", tmp_path / "Maildir"],
        workspace=ready.workspace,
        now=ready.clock.now(),
        most_bounces=1,
    )
    assert (read.messages, read.ended) == (6, 6)
