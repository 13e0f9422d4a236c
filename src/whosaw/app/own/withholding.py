"""Shows the views of an actor later to the people whom they are of, because an investigation would suffer: by whom, why, and until when.

Nothing that a person sees tells of it meanwhile; afterwards the views stand where they belong. Article 15 GDPR knows no such delay: it
rests on a law of a country (Article 23), which the ground names.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from whosaw.app.asking.questions import open_ledger
from whosaw.app.gating.asking import asked, asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.journal import Journal
from whosaw.store.repositories.findings import stored_finding
from whosaw.store.repositories.own import WithheldRow, add_withheld, end_withheld, withheld
from whosaw.store.workspace import journal_of

from .settings import OwnSettings, own_settings

__all__ = ["MOST_DAYS", "OwnState", "Withheld", "own_state", "release", "withhold"]

MOST_DAYS: Final = 180  # at once; whoever needs longer says so again, with a ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Views of an actor that are, or were, shown later. `state`: withheld, over (its end came), ended (somebody ended it)."""

    number: int
    actor: str
    clients: int
    ground: str
    by: str
    made: datetime
    ends: datetime
    ended: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnState:
    """How the pages for people are set, and what is withheld from them."""

    settings: OwnSettings
    withheld: tuple[Withheld, ...]


def own_state(root: Path, *, now: datetime) -> OwnState:
    """Both, the last withholding first."""
    with asked(root, Verb.SEE_LOOKS, "pages for people"), closing(journal_of(root)) as journal:
        return OwnState(settings=own_settings(journal), withheld=_all(journal, now))


@asks(Verb.WITHHOLD, "views of an actor")
def withhold(
    root: Path, actor: str, *, until: datetime, ground: str, now: datetime, key_file: Path | None = None
) -> Withheld:
    """Withhold the views of an actor (a finding, or a client by any identifier) until a time, with a ground.

    Raises `WhosawError` without a ground, and for an end that is past or more than `MOST_DAYS` away.
    """
    if not ground.strip():
        raise WhosawError(
            "withhold.no-ground",
            "views are not withheld without a ground",
            hint="Name the law, the authority and the file: --ground 'Art. 23(1)(d), police request 12/2026'",
        )
    if not now < until <= now + timedelta(days=MOST_DAYS):
        raise WhosawError(
            "withhold.end",
            f"views are withheld until a time within the next {MOST_DAYS} days",
            hint="Say it with --until, such as 2026-12-31",
        )
    with closing(open_ledger(root, now=now, key_file=key_file, verb=Verb.WITHHOLD)) as ledger:
        journal, name = ledger.workspace.journal, actor.strip()
        clients = ledger.client_numbers(name)
        about = stored_finding(journal, name).id if name.startswith("f-") else f"c{clients[0]}"
        journal.create()  # of a workspace that an earlier release made
        with journal.transaction() as connection:
            number = add_withheld(
                connection,
                actor=about,
                clients=clients,
                ground=ground.strip(),
                who=journal.who,
                made=to_micros(now),
                ends=to_micros(until),
            )
            body = {
                "withheld": number,
                "actor": about,
                "clients": len(clients),
                "ground": ground.strip(),
                "ends": until,
            }
            journal.record(connection, "own.withheld", body, now=now)
        return next(each for each in _all(journal, now) if each.number == number)


@asks(Verb.WITHHOLD, "views of an actor")
def release(root: Path, number: int, *, now: datetime) -> Withheld:
    """Show them from now on, before their end."""
    with closing(journal_of(root)) as journal:
        found = next((each for each in _all(journal, now) if each.number == number), None)
        if found is None or found.state != "withheld":
            raise WhosawError(
                "withhold.unknown",
                f"nothing of the number {number} is withheld",
                hint="`whosaw me show` lists what is",
            )
        with journal.transaction() as connection:
            end_withheld(connection, number, now=to_micros(now))
            journal.record(connection, "own.released", {"withheld": number, "actor": found.actor}, now=now)
        return next(each for each in _all(journal, now) if each.number == number)


def _all(journal: Journal, now: datetime) -> tuple[Withheld, ...]:
    return tuple(_told(each, now) for each in reversed(withheld(journal)))


def _told(row: WithheldRow, now: datetime) -> Withheld:
    state = "ended" if row.ended is not None else "over" if to_micros(now) >= row.ends else "withheld"
    return Withheld(
        number=row.id,
        actor=row.actor,
        clients=len(row.clients),
        ground=row.ground,
        by=row.who,
        made=from_micros(row.made),
        ends=from_micros(row.ends),
        ended=None if row.ended is None else from_micros(row.ended),
        state=state,
    )
