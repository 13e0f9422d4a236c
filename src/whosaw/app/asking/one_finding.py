"""One finding as a person asks for it: who it was, what was seen first, and the finding itself; of an old id, what it became."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.finding import Finding
from whosaw.core.instants import from_micros
from whosaw.store.repositories.findings import stored_finding

from .answers import ShownClient, ShownPerson
from .questions import Ledger, open_ledger, shown_client, shown_person, shown_traits
from .traits import TraitOf, behind_views

__all__ = ["FirstView", "OneFinding", "WhoDidIt", "finding_of", "one_finding"]

_FIRST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstView:
    """One of the first counted views. `person` None: the log does not name them."""

    time: datetime
    person: ShownPerson | None
    route: str
    categories: tuple[str, ...]
    actor: ShownClient
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoDidIt:
    """The clients that made the counted views: how many, and by what they are known."""

    clients: int
    traits: tuple[TraitOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneFinding:
    """A finding as it is stored, with who made its views and the first of these. `who` None: it is found no longer, so the ledger
    does not keep which views it counted."""

    finding: Finding
    who: WhoDidIt | None
    first: tuple[FirstView, ...]


@asks(Verb.SEE_FINDINGS, "finding", finding="name")
def one_finding(
    root: Path,
    name: str,
    *,
    now: datetime,
    key_file: Path | None = None,
    reveal: bool = False,
    reason: str = "",
) -> OneFinding:
    """The finding with this id, the beginning of one, or an id that it had; one that is found no longer as it was found last."""
    with closing(open_ledger(root, now=now, key_file=key_file, reveal=reveal, reason=reason)) as ledger:
        return finding_of(ledger, name)


def finding_of(ledger: Ledger, name: str) -> OneFinding:
    """The same, of a ledger that is open."""
    found = stored_finding(ledger.workspace.journal, name.strip(), ended=True)
    clients = ledger.counted_clients(found.id)
    if not clients:
        return OneFinding(finding=found, who=None, first=())
    return _told(ledger, found, clients)


def _told(ledger: Ledger, found: Finding, clients: list[int]) -> OneFinding:
    ledger.reader.only_counted(found.id)
    rows = ledger.reader.session.query(
        "SELECT micros, content, line, client, person, route FROM views WHERE NOT duplicate "
        f"ORDER BY micros, content, line, person LIMIT {_FIRST}"
    ).to_pylist()
    behind = behind_views(ledger.reader, clients)
    known = ledger.reader.clients(sorted({row["client"] for row in rows}))
    persons = sorted({row["person"] for row in rows if row["person"] is not None})
    shown = ledger.show(persons, known, behind, what="finding")
    by_number = {each.number: shown_client(each, shown) for each in known}
    locators = ledger.reader.locators([(row["content"], row["line"]) for row in rows])
    return OneFinding(
        finding=found,
        who=WhoDidIt(clients=len(clients), traits=shown_traits(behind, shown)),
        first=tuple(
            FirstView(
                time=from_micros(row["micros"]),
                person=None if row["person"] is None else shown_person(row["person"], shown),
                route=ledger.reader.routes[row["route"]]["id"],
                categories=tuple(ledger.reader.routes[row["route"]]["categories"]),
                actor=by_number[row["client"]],
                locator=str(locator),
            )
            for row, locator in zip(rows, locators, strict=True)
        ),
    )
