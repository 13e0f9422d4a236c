"""What an actor shares with others, so that it says nothing: refused where the others are explained, ambiguous where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

from whosaw.core.scope_version import AmbiguousLink, RefusedLink
from whosaw.store.sql import Session, quote_name

from .link_item import Link

__all__ = ["Shared", "group_table", "most_of", "told_of"]

MOST_ASKED: Final = 200  # values of one link of which it is asked how many persons the others saw, those with most views first
MOST_SHOWN: Final = 20
Others = Literal["explained", "loose", "borrowed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One value of a link with `views` of others in it and `held` ones of the actor."""

    link: Link
    others: Others
    group: Mapping[str, Any]

    @property
    def views(self) -> int:
        group = self.group
        return int(
            group["unexplained"] + group["cannot_tell"] if self.others == "loose" else group["explained"]
        )


def most_of(link: Link, groups: Sequence[Mapping[str, Any]], others: Others) -> list[Shared]:
    """Those with the most views of others."""
    shared = [Shared(link=link, others=others, group=each) for each in groups]
    return sorted((each for each in shared if each.views), key=lambda each: -each.views)[:MOST_ASKED]


def group_table(session: Session, link: Link, groups: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The values of groups, in the types that clients have."""
    schema = session.query(
        f"SELECT {', '.join(quote_name(each) for each in link.by)} FROM scope_outside LIMIT 0"
    ).schema
    return pa.table(
        {name: pa.array([each[name] for each in groups], schema.field(name).type) for name in link.by}
    )


def told_of(
    session: Session, shown: Sequence[Shared]
) -> tuple[tuple[RefusedLink, ...], tuple[AmbiguousLink, ...]]:
    """With how many persons the others saw. What only one explained person shares is left out: it may be the victim's own."""
    if not shown:
        return (), ()
    persons, borrowed = _persons(session, shown)
    refused: dict[str, list[RefusedLink]] = {}
    ambiguous: dict[str, list[AmbiguousLink]] = {}
    for at, each in enumerate(shown):
        held = f"{each.group['held']:,} {'stand at turns of the walk' if each.link.walk else 'are in this scope'}"
        told: dict[str, Any] = {
            "link": each.link.id,
            "by": each.link.by,
            "value": ", ".join(f"{name} {each.group[name]}" for name in each.link.by),
            "persons": persons.get(at, 0),
            "views": borrowed.get(at, 0) if each.others == "borrowed" else each.views,
        }
        if each.others == "borrowed":
            if told["views"]:
                why = f"a login explains {told['views']:,} views with it, but logins also explain views that are in this scope"
                ambiguous.setdefault(each.link.id, []).append(AmbiguousLink(**told, why=why))
        elif each.others == "loose":
            why = f"for {each.views:,} views with it, it cannot be told whether they are the actor's; {held}"
            ambiguous.setdefault(each.link.id, []).append(AmbiguousLink(**told, why=why))
        elif told["persons"] > 1:
            why = f"{each.views:,} views with it have an explanation on record; {held}"
            refused.setdefault(each.link.id, []).append(RefusedLink(**told, why=why))
    return _first(refused), _first(ambiguous)


def _first(links: Mapping[str, Sequence[Any]]) -> tuple[Any, ...]:
    """Of each link those whose others saw most persons."""
    return tuple(
        each
        for some in links.values()
        for each in sorted(some, key=lambda one: (-one.persons, -one.views, one.value))[:MOST_SHOWN]
    )


_TERMS: Final[Mapping[Others, str]] = {
    "explained": "t.explained > 0",
    "loose": "t.unexplained + t.cannot_tell > 0 AND j.client IS NULL",
    "borrowed": "t.client IN (SELECT client FROM scope_borrowed)",
}


def _persons(session: Session, shown: Sequence[Shared]) -> tuple[dict[int, int], dict[int, int]]:
    """By position, the persons whom the others in it saw, and how many explained views of theirs may be the actor's."""
    session.execute("CREATE OR REPLACE TEMP TABLE scope_others (client INTEGER, place INTEGER)")
    kinds: dict[tuple[str, Others], list[int]] = {}
    for at, each in enumerate(shown):
        kinds.setdefault((each.link.id, each.others), []).append(at)
    for (_, others), places in kinds.items():
        link = shown[places[0]].link
        values = group_table(session, link, [shown[at].group for at in places])
        using = ", ".join(quote_name(each) for each in link.by)
        session.query(
            "INSERT INTO scope_others SELECT t.client, o.place FROM scope_outside AS t "
            f"JOIN asked AS o USING ({using}) LEFT JOIN scope_joined AS j ON j.client = t.client WHERE {_TERMS[others]} AND t.held = 0",
            asked=values.append_column("place", pa.array(places, pa.int32())),
        )
    rows = session.query(
        "SELECT o.place, count(DISTINCT v.person) AS persons FROM views AS v JOIN scope_others AS o USING (client) "
        "WHERE NOT v.duplicate GROUP BY o.place"
    )
    views = session.query(
        "SELECT o.place, sum(b.views)::BIGINT AS views FROM scope_others AS o JOIN scope_borrowed AS b USING (client) GROUP BY o.place"
    )
    return (
        dict(zip(rows["place"].to_pylist(), rows["persons"].to_pylist(), strict=True)),
        dict(zip(views["place"].to_pylist(), views["views"].to_pylist(), strict=True)),
    )
