"""The account of some days as bytes, and how accounts of days that follow one another become one."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .count import ActorTally, Span, TruthAccount
from .tallies import Distinct, ViewTally

__all__ = ["packed", "take"]


def packed(account: TruthAccount) -> bytes:
    """What `take` reads: a NumPy archive of arrays, the first of which is JSON that names the others by number."""
    arrays: list[NDArray[Any]] = []

    def shelved(*each: NDArray[Any]) -> list[int]:
        arrays.extend(each)
        return list(range(len(arrays) - len(each), len(arrays)))

    def distinct(values: Distinct) -> dict[str, Any]:
        return {"too_many": values.too_many, "values": shelved(values.kept())}

    told = {
        "used": account.used,
        "requests": account.requests,
        "honest_views": shelved(account.honest_views),
        "honest": shelved(account.honest.kept()),
        "actors": [
            {
                "id": actor.id,
                "kind": actor.kind,
                "span": asdict(actor.span),
                "views_by_page": list(actor.views_by_page.items()),
                "pages": [[page, shelved(*tally.kept())] for page, tally in actor.pages.items()],
                "tokens": distinct(actor.tokens),
                "addresses": distinct(actor.addresses),
                "steps": [
                    [name, asdict(span), shelved(members.kept()), distinct(addresses)]
                    for name, (span, members, addresses) in actor.steps.items()
                ],
            }
            for actor in account.actors.values()
        ],
    }
    head = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    out = io.BytesIO()
    np.savez(out, head, *arrays)
    return out.getvalue()


def take(account: TruthAccount, data: bytes) -> None:
    """Add the account of days that follow those in `account`, which is then as if it had counted all of them itself."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        told: dict[str, Any] = json.loads(found["arr_0"].tobytes())
        arrays = {number: f"arr_{number + 1}" for number in range(len(found.files) - 1)}

        def of(numbers: list[int]) -> tuple[NDArray[Any], ...]:
            return tuple(found[arrays[each]] for each in numbers)

        def distinct(values: Distinct, other: Mapping[str, Any]) -> None:
            if other["too_many"]:
                values.give_up()
            else:
                values.add(*of(other["values"]))

        account.used += told["used"]
        account.requests += told["requests"]
        account.honest_views += of(told["honest_views"])[0]
        account.honest.take(*of(told["honest"]))
        for other in told["actors"]:
            actor = account.actors.setdefault(other["id"], ActorTally(id=other["id"], kind=other["kind"]))
            actor.span.take(Span(**other["span"]))
            for page, views in other["views_by_page"]:
                actor.views_by_page[page] = actor.views_by_page.get(page, 0) + views
            for page, kept in other["pages"]:
                actor.pages.setdefault(page, ViewTally(account.members)).take(of(kept))
            distinct(actor.tokens, other["tokens"])
            distinct(actor.addresses, other["addresses"])
            for name, span, kept, addresses in other["steps"]:
                step = account.step(actor, name)
                step[0].take(Span(**span))
                step[1].take(*of(kept))
                distinct(step[2], addresses)
