"""What differs between two versions of a scope: who came in, who went out, and why.

Numbers of people are exact: they come from the sets of persons of both versions. For the reasons a scope is taken as what it
is, a function of the logs, the data map, the context, the items and program, and the clues. `causes` are those of them that
are not the same; `how` is what the change did to the actor and to the window on its way to the count. With one cause, all of
the difference is its doing. With several, it cannot be told from the versions alone which of them brought whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyroaring import BitMap

from whosaw.store.live_inputs import LiveInputs

from .causes import causes_of
from .document import OCCASION, body_digest
from .ways import ways_of

__all__ = ["Moved", "differences", "moved"]

_CATEGORY = "category:"
_NOBODY = BitMap()
Sets = Mapping[str, BitMap]


class Moved:
    """Who came into one set of persons and who went out of it."""

    __slots__ = ("both", "came_in", "went_out")

    def __init__(self, old: BitMap, new: BitMap) -> None:
        same = old is new
        self.came_in = _NOBODY if same else new - old
        self.went_out = _NOBODY if same else old - new
        self.both = len(new) - len(self.came_in)

    def as_json(self) -> dict[str, int]:
        return {"came_in": len(self.came_in), "went_out": len(self.went_out), "in_both": self.both}


def moved(old: Sets, new: Sets, name: str) -> Moved:
    """Of the set `name`; a set that a version does not have is an empty one."""
    return Moved(old.get(name, _NOBODY), new.get(name, _NOBODY))


def differences(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    old_sets: Sets,
    new_sets: Sets,
    *,
    old_inputs: LiveInputs,
    new_inputs: LiveInputs,
    old_routes: Sequence[Mapping[str, Any]] | None = None,
    new_routes: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The differences as one JSON document. Where a set is the same object in both, nobody moved in it.

    `…_routes` are the routes of the data map of each version, where they are known.
    """
    same = body_digest(old) == body_digest(new)
    causes = [] if same else causes_of(old, new, old_inputs, new_inputs, old_routes, new_routes)
    return {
        "case": new["case"],
        "old": _occasion(old),
        "new": _occasion(new),
        "same": same,
        "counts": _counts(old["counts"], new["counts"]),
        "persons": _persons(old_sets, new_sets),
        "categories": _categories(old_sets, new_sets),
        "causes": causes,
        "how": [] if same else ways_of(old, new),
        "certain": same or len(causes) == 1,
        "cannot_tell": None if same else _cannot_tell(causes),
        "open": _open(old["open"], new["open"]),
    }


def _occasion(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document.get(name) for name in OCCASION if name != "case"}


def _counts(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    before = {each["unit"]: each for each in old}
    out = []
    for after in new:
        earlier = before[after["unit"]]
        bounded = earlier["upper"] is not None and after["upper"] is not None
        out.append(
            {
                "unit": after["unit"],
                "old": earlier,
                "new": after,
                "lower_change": after["lower"] - earlier["lower"],
                "upper_change": after["upper"] - earlier["upper"] if bounded else None,
            }
        )
    return out


def _persons(old: Sets, new: Sets) -> dict[str, Any]:
    """`proved`: held now and only possible before. `doubted`: the other way round."""
    held, possible = moved(old, new, "held"), moved(old, new, "possible")
    old_possible, new_possible = (sets.get("possible", _NOBODY) for sets in (old, new))
    old_held, new_held = (sets.get("held", _NOBODY) for sets in (old, new))
    proved = held.came_in.intersection_cardinality(old_possible)
    doubted = held.went_out.intersection_cardinality(new_possible)
    settled = possible.went_out.intersection_cardinality(new_held)
    loosened = possible.came_in.intersection_cardinality(old_held)
    return {
        "held": {**held.as_json(), "proved": proved, "doubted": doubted},
        "possible": possible.as_json(),
        "either": {
            "came_in": len(held.came_in) - proved + len(possible.came_in) - loosened,
            "went_out": len(held.went_out) - doubted + len(possible.went_out) - settled,
        },
    }


def _categories(old: Sets, new: Sets) -> list[dict[str, Any]]:
    names = sorted(name for name in {*old, *new} if name.startswith(_CATEGORY))
    return [
        {"name": name.removeprefix(_CATEGORY), **moved(old, new, name).as_json()}
        for name in names
    ]  # fmt: skip


def _open(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {
        "new": [dict(each) for each in new if each not in old],
        "settled": [dict(each) for each in old if each not in new],
    }


def _cannot_tell(causes: Sequence[Mapping[str, Any]]) -> str | None:
    if len(causes) == 1:
        return None
    if not causes:
        return "nothing that a scope is made of is known to have changed, and yet the versions differ"
    named = ", ".join(str(each["code"]).replace("-", " ") for each in causes)
    return f"which of these changes brought whom cannot be told from the versions: {named}"
