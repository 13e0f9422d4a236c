"""Which party clues lead to, and how each of them leads there: the same for every clue that evidence ties to the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from whosaw.core.errors import WhosawError
from whosaw.store.sql import Session

from .basis import Basis
from .clue import ACTOR, CANNOT_TELL, ITSELF, POSSIBLE, Clue
from .grouping import Grown, grow
from .leads import borrowed_of, maybe_of, nodes_of, parties_of, seeds_of

__all__ = ["Choice", "choose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The parties, as `grown` numbers them. `seeded`: they are nothing but the views of the clues and what links join to these.
    `untied`: nothing ties the clues to anybody, and the parties are all that there are. `clues` say how each of them leads."""

    clues: tuple[Clue, ...]
    grown: Grown
    parties: tuple[int, ...]
    seeded: bool = False
    untied: bool = False


def choose(session: Session, clues: Sequence[Clue], basis: Basis, *, every: bool = False) -> Choice:
    """Where a finding or a link counts a view of a clue, its party. Else, where a record has no reason for them, the views of
    the clue begin a party of their own. Else the party of which it cannot be told whether they are its, be it that a login
    explains them and this party uses logins of others. Else all: then nobody.

    Raises `WhosawError` where clues lead to nothing at all, or to several parties and not `every` one is wanted.
    """
    grown = basis.grown
    of_clue = [
        {grown.party[node] for node in nodes_of(session, clue, basis.findings, basis.crowd)}
        | parties_of(session, clue)
        for clue in clues
    ]
    parties = {each for some in of_clue for each in some}
    if parties:
        told = [ACTOR if some else CANNOT_TELL for some in of_clue]
        return _one(clues, told, grown, parties, basis, every=every)
    seeds = seeds_of(session, clues)
    if not seeds.clients.num_rows:
        parties = {each for each in set(grown.party) if borrowed_of(session, clues, each, basis)}
        if not parties:
            raise _nothing()
        return _one(clues, [POSSIBLE] * len(clues), grown, parties, basis, every=every)
    if seeds.proven:
        grown = grow(session, basis.links, basis.signs, seeds.clients, basis.turns)
        return Choice(
            clues=_said(clues, [ITSELF] * len(clues)), grown=grown, parties=(grown.party[-1],), seeded=True
        )
    if parties := maybe_of(session, basis.links, seeds):
        return _one(clues, [POSSIBLE] * len(clues), grown, parties, basis, every=every)
    return Choice(
        clues=_said(clues, [CANNOT_TELL] * len(clues)),
        grown=grown,
        parties=tuple(sorted(set(grown.party))),
        untied=True,
    )


def _one(
    clues: Sequence[Clue], told: Sequence[str], grown: Grown, parties: set[int], basis: Basis, *, every: bool
) -> Choice:
    chosen = tuple(sorted(parties))
    if len(chosen) > 1 and not every:
        raise _several(chosen, grown, basis.findings, possible=POSSIBLE in told)
    return Choice(clues=_said(clues, told), grown=grown, parties=chosen)


def _said(clues: Sequence[Clue], told: Sequence[str]) -> tuple[Clue, ...]:
    return tuple(replace(clue, leads=leads) for clue, leads in zip(clues, told, strict=True))


def _nothing() -> WhosawError:
    return WhosawError(
        "scope.nothing",
        "these clues lead to no unexplained view: the ledger holds none for them, or each is explained",
        hint="Check the spelling against the log; `whosaw findings` lists what was found",
    )


def _several(parties: Sequence[int], grown: Grown, findings: Sequence[str], *, possible: bool) -> WhosawError:
    named = "; ".join(
        " and ".join(findings[node] for node in grown.nodes(party)[:3]) for party in parties[:10]
    )
    lead = "may be of any of" if possible else "lead to"
    return WhosawError(
        "scope.several",
        f"these clues {lead} {len(parties)} actors that no link joins: {named}",
        hint="Name one finding with --finding, or take all of them together with --every",
    )
