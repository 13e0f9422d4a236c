"""What comes back, and servers that say "later": counted against what is true of them."""

from __future__ import annotations

import itertools
import random
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.forked import forking
from tests.sending.bounce_samples import SYSTEMS, samples
from tests.sending.killed import PROGRAM, killed_again_and_again
from tests.sending.peer import Peer
from tests.sending.shop import NOW, PEOPLE, Shop, make_shop

from whosaw.sending.bounces import DELIVERED, read_bounce
from whosaw.sending.keys import Keys, Return
from whosaw.store.vault import Vault

__all__ = ["bounces", "kills", "later"]

_PEOPLE = 2_000
_KILLS = 50


def bounces(folder: Path) -> dict[str, Any]:  # noqa: ARG001  # needs no files
    """How many of the bounces are read for the attempt, kind and status that they are of."""
    keys, numbers = Keys(Vault(bytes(32))), itertools.count()
    backs: list[Return] = []

    def address() -> tuple[str, str]:
        at = next(numbers)
        backs.append(Return(sending=1, part=at % 5, row=at, n=1 + at % 3))
        return keys.return_path(backs[-1], "duka.example.org"), f"person{at}@mail.example.org"

    every = list(samples(address))
    read = [read_bounce(each.raw, keys) for each in every]
    right = sum(
        (came.kind, came.back) == (each.kind, back) and (not each.status or came.status == each.status)
        for each, back, came in zip(every, backs, read, strict=True)
    )
    return {
        "bounces": len(every),
        "systems": len(set(SYSTEMS)),
        "read_rightly": right,
        "share": round(right / len(every), 4),
        "counted_as_delivered_that_were_not": sum(
            came.kind == DELIVERED and each.kind != DELIVERED for each, came in zip(every, read, strict=True)
        ),
    }


def later(folder: Path) -> dict[str, Any]:
    """An hour of 454: how often it was called done before, and who was told after."""
    (folder / "shop").mkdir()
    shop = Shop(root=make_shop(folder / "shop"))
    rows = [{"email": f"q{at}@mail{at % 7}.example.org", "saved_by": "1"} for at in range(_PEOPLE - PEOPLE)]
    shop.freeze([*shop.usual_book(), *rows])
    shop.release()
    until, done_before = NOW + timedelta(hours=1), 0
    with Peer(lambda _to, _times: "454 4.7.0 throttled" if shop.clock.now() < until else "250 ok") as peer:
        while shop.clock.now() < until:
            ran = shop.send(peer.port, wait=False)
            done_before += shop.status().done
            if ran.until is None:
                break
            shop.clock.at = max(ran.until, shop.clock.at)
        before = len(peer.taken)
        shop.send(peer.port)
        told = shop.counts()
        twice = len(peer.taken) - len({to for to, _, _ in peer.taken})
    return {
        "people": _PEOPLE,
        "called_done_within_the_hour": done_before,
        "taken_within_the_hour": before,
        "sent_after": told["sent"],
        "sent_twice": twice,
        "lost": _PEOPLE - told["sent"],
        "minutes_until_all_were_told": round((shop.clock.now() - NOW).total_seconds() / 60, 1),
    }


def kills(folder: Path, people: int) -> dict[str, Any]:
    """Sending to so many with fifty kills at random steps: how many were lost, got two, or are unknown."""
    (folder / "shop").mkdir()
    shop = Shop(root=make_shop(folder / "shop"))
    rows = [{"email": f"q{at}@mail{at % 7}.example.org", "saved_by": "1"} for at in range(people - PEOPLE)]
    shop.freeze([*shop.usual_book(), *rows])
    shop.release()
    dice = random.Random(2)  # noqa: S311  # the same kills each time
    with forking(PROGRAM) as forks:
        after = killed_again_and_again(
            shop, forks, people, [dice.randrange(1, people * 7 // 100) for _ in range(_KILLS)]
        )
    return {"people": people, "kills": _KILLS, **asdict(after)}
