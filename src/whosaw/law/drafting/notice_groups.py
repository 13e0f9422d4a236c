"""Groups of people by what was seen of each, out of the document of a scope version. What it cannot tell apart is a group too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from whosaw.core.document import told_as

__all__ = ["Group", "added_since", "groups_of"]

Bounds = tuple[int, int | None]
_SEEN, _NOT_SEEN, _CANNOT_TELL = "seen", "not seen", "cannot tell"
_NOBODY: Final[Bounds] = (0, 0)
# people look for these first; the others follow by key
_FIRST: Final = ("identity", "contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People who get the same notice.

    `kind` is "seen" (exactly `categories` were seen), "rest" (seen, and the document does not tell what of whom), "possible"
    (perhaps seen), "secondary" (saved by somebody else, such as in an address book) or "cleared" (told of a possible leak, now
    proven not to be in it). `accounts` bounds how many; people for the secondary. `not_seen` is proven, `cannot_tell` is open.
    `unproven` are those of `categories` of which it cannot be told whether anybody saw them of anybody. `categories_known` is false where the document does not say what was seen of such people.
    """

    ALSO: ClassVar[tuple[str, ...]] = ("unit",)

    id: str
    kind: str
    categories: tuple[str, ...]
    not_seen: tuple[str, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    accounts: Bounds = field(
        metadata=told_as(form=lambda bounds: {"lower": bounds[0], "upper": bounds[1]}, among=True)
    )
    categories_known: bool = True

    @property
    def unit(self) -> str:
        """What `accounts` counts."""
        return "persons" if self.kind == "secondary" else "accounts"

    @property
    def proven(self) -> tuple[str, ...]:
        """What was surely seen of somebody: people are told to act on this alone."""
        return tuple(each for each in self.categories if each not in self.unproven)


def groups_of(
    document: Mapping[str, Any], told_possible: Sequence[Mapping[str, Any]] = ()
) -> tuple[Group, ...]:
    """All groups of a scope version. `told_possible` are earlier versions whose possible people were told that they may be in it."""
    held = _held(document)
    seen, not_seen, cannot_tell = (
        _ordered(name for name, answer in held.items() if answer == wanted)
        for wanted in (_SEEN, _NOT_SEEN, _CANNOT_TELL)
    )
    lower, upper = _count(document, "accounts")
    found = [
        _seen_group(f"seen-{at}", row, document, seen, not_seen, cannot_tell)
        for at, row in enumerate(document.get("groups") or (), start=1)
    ]
    named = sum(each.accounts[0] for each in found)
    if named < lower:
        found.append(
            Group(
                id="rest", kind="rest", categories=seen, not_seen=not_seen, cannot_tell=cannot_tell,
                accounts=(lower - named, None if upper is None else max(upper, named) - named),
            )
        )  # fmt: skip
    if upper is None or upper > max(lower, named):
        found.append(
            Group(
                id="possible", kind="possible", categories=_ordered((*seen, *cannot_tell)), not_seen=not_seen,
                unproven=cannot_tell,
                accounts=(0, None if upper is None else upper - max(lower, named)),
            )
        )  # fmt: skip
    found.extend(_secondary(document, not_seen, cannot_tell))
    if upper == lower and not document.get("open"):
        found.extend(_cleared(told_possible))
    return tuple(found)


def added_since(groups: Iterable[Group], before: Mapping[str, Any]) -> tuple[Group, ...]:
    """The same groups with bounds of how many an earlier version did not hold yet, or not with all that was seen.

    Who was in the same group then needs no further notice, and may have moved to a larger one since.
    """
    then = {_ordered(row["categories"]): int(row["accounts"]) for row in before.get("groups") or ()}
    return tuple(
        replace(each, accounts=(max(0, each.accounts[0] - then.get(each.categories, 0)), each.accounts[1]))
        if each.kind == "seen"
        else replace(each, accounts=(0, each.accounts[1]))
        for each in groups
    )


def _held(document: Mapping[str, Any]) -> dict[str, str]:
    """The answers by category. A ledger that proves something not seen gives no reason for it; where one is given, somebody
    says so, and people cannot be told that it is proven."""
    found = {}
    for row in document.get("categories_held") or ():
        claimed = row["answer"] == _NOT_SEEN and row.get("why")
        found[str(row["category"])] = _CANNOT_TELL if claimed else str(row["answer"])
    return found


def _ordered(categories: Iterable[str]) -> tuple[str, ...]:
    def place(key: str) -> tuple[int, str]:
        top = key.partition(".")[0]
        return _FIRST.index(top) if top in _FIRST else len(_FIRST), key

    return tuple(sorted(set(categories), key=place))


def _count(document: Mapping[str, Any], unit: str) -> Bounds:
    for row in document["counts"]:
        if row["unit"] == unit:
            return int(row["lower"]), None if row["upper"] is None else int(row["upper"])
    return 0, None


def _seen_group(
    id_: str,
    row: Mapping[str, Any],
    document: Mapping[str, Any],
    seen: Sequence[str],
    not_seen: tuple[str, ...],
    cannot_tell: tuple[str, ...],
) -> Group:
    """What was seen of others is proven not to be seen of these where the number of accounts of that category is exact."""
    own = _ordered(row["categories"])
    exact = {
        str(each["name"])
        for each in (document.get("by") or {}).get("category") or ()
        if each["accounts"]["upper"] == each["accounts"]["lower"]
    }
    others = [each for each in seen if each not in own]
    return Group(
        id=id_,
        kind="seen",
        categories=own,
        not_seen=_ordered((*not_seen, *(each for each in others if each in exact))),
        cannot_tell=_ordered((*cannot_tell, *(each for each in others if each not in exact))),
        accounts=(int(row["accounts"]), int(row["accounts"])),
    )


def _secondary(
    document: Mapping[str, Any], not_seen: tuple[str, ...], cannot_tell: tuple[str, ...]
) -> list[Group]:
    told = document.get("secondary") or {}
    bounds: Bounds = int(told.get("lower", 0)), _least(told.get("upper", 0), _beyond_accounts(document))
    if bounds == _NOBODY:
        return []
    known = told.get("categories")
    return [
        Group(
            id="secondary",
            kind="secondary",
            categories=_ordered(known or ()),
            not_seen=not_seen,
            cannot_tell=() if known else cannot_tell,
            accounts=bounds,
            categories_known=bool(known),
        )
    ]


def _beyond_accounts(document: Mapping[str, Any]) -> int | None:
    """At most so many people have no account that was seen."""
    persons, accounts = _count(document, "persons"), _count(document, "accounts")
    return None if persons[1] is None else max(0, persons[1] - accounts[0])


def _least(*bounds: int | None) -> int | None:
    return min((each for each in bounds if each is not None), default=None)


def _cleared(told_possible: Sequence[Mapping[str, Any]]) -> list[Group]:
    """Whom an earlier version held for possible, at most: some of them may have been confirmed since."""
    most: list[int | None] = []
    for each in told_possible:
        lower, upper = _count(each, "accounts")
        if upper is None or upper > lower:
            most.append(None if upper is None else upper - lower)
    if not most:
        return []
    known = [each for each in most if each is not None]
    upper = max(known) if len(known) == len(most) else None
    return [Group(id="cleared", kind="cleared", categories=(), accounts=(0, upper))]
