"""Which tables of the context can be believed: one that contradicts most of honest life says nothing of anybody.

Most of a desk has reasons for what it looks at, and nearly all of them are on record. Where the middle agent lacks them for many
people, it is the table that is wrong, and not the desk: it is set aside whole, as if nobody had given it. Where tickets would fit
better some whole hours later, their zone may be wrong, and a view that would have a ticket then is not known to have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from whosaw.store.sql import Session

from .context import Context
from .statement import statement

__all__ = [
    "ASK_OF_IDS", "Agent", "Logins", "Tickets", "ask_of_logins", "ask_of_tickets", "judge_logins", "judge_tickets", "middle_share", "not_believed",
]  # fmt: skip

ASK_OF_IDS: Final = (
    "logins: their tokens or sessions stand in the logs, and nobody of whom they were issued to does: are people named by other ids "
    "there? Until then it cannot be told whose these are"
)
TICKET_SLACK: Final = 15 * 60 * 1_000_000  # as the explanation staff-with-ticket has it
LOGIN_SLACK: Final = 5 * 60 * 1_000_000  # as own-session has it
_CLIENTS: Final = 1_000_000  # of about so many it is asked whether logins would fit better at another hour
_MOST_HOURS: Final = 14  # no zone is further from UTC
# so many views that another hour would explain say something of a whole table; a thief uses several tokens after their end
_FEW_TICKETS: Final = 2
_FEW_LOGINS: Final = 10
_TOO_MANY: Final = (
    1 / 3
)  # of the people whom the middle agent saw, and of the views of people in sessions of their own
_DESK: Final = 3  # agents, for the middle one to say something of the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Of how many people one agent saw the data, and for how many of them there is no ticket."""

    agent: int
    people: int
    lacking: int

    @property
    def share(self) -> float:
        return self.lacking / self.people


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """What is to be thought of the table of tickets. `later`: hours by which it may have to be later; `aside`: why it is not believed at all;
    `question`: about its zone."""

    agents: tuple[Agent, ...] = ()
    later: tuple[int, ...] = ()
    aside: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """What is to be thought of the table of logins: hours by which it may have to be later, and the question about its zone."""

    later: tuple[int, ...] = ()
    question: str = ""


def middle_share(agents: Sequence[Agent]) -> float:
    """The share of people for whom the middle agent has no ticket; of two in the middle, the lower one."""
    shares = sorted(each.share for each in agents)
    return shares[(len(shares) - 1) // 2] if shares else 0.0


def judge_tickets(session: Session, context: Context) -> Tickets:
    """Reads the tables of `prepare`; leaves none of its own."""
    if context.why_not("staff") or context.why_not("tickets"):
        return Tickets()
    session.execute(statement("desk_tickets"), [TICKET_SLACK, _MOST_HOURS])
    shifts = _better(session, "detect_desk", _FEW_TICKETS, 0)
    later = tuple(sorted(each["hours"] for each in shifts))
    agents = tuple(Agent(**row) for row in session.query(statement("desk_agents"), [list(later)]).to_pylist())
    session.execute("DROP TABLE detect_desk")
    question = ""
    if shifts:
        question = ask_of_tickets(shifts[0]["gained"], shifts[0]["hours"])
    lacking = sum(each.share > _TOO_MANY for each in agents)
    aside = ""
    if len(agents) >= _DESK and middle_share(agents) > _TOO_MANY:
        aside = not_believed(lacking, len(agents))
    return Tickets(agents=agents, later=later, aside=aside, question=question)


def judge_logins(session: Session, context: Context) -> Logins:
    """Reads the tables of `prepare`; leaves none of its own."""
    if context.why_not("logins"):
        return Logins()
    clients = session.query("SELECT count(*) AS n FROM detect_clients")["n"][0].as_py()
    session.execute(statement("own_uses"), [LOGIN_SLACK, _MOST_HOURS, 1 + clients // _CLIENTS])
    shifts = _better(session, "detect_own_uses", _FEW_LOGINS, _TOO_MANY)
    session.execute("DROP TABLE detect_own_uses")
    if not shifts:
        return Logins()
    question = ask_of_logins(shifts[0]["gained"], shifts[0]["hours"])
    return Logins(later=tuple(sorted(each["hours"] for each in shifts)), question=question)


def ask_of_tickets(gained: int, hours: int) -> str:
    """The question about the zone of tickets, where so many views fit only if all of them are so many hours later."""
    return (
        f"tickets: {_views(gained)} of staff have a ticket only where all tickets are {_hours(hours)}: "
        "is the zone of their times right? Until then it cannot be told whether these have a reason"
    )


def ask_of_logins(gained: int, hours: int) -> str:
    """The same about logins."""
    return (
        f"logins: {_views(gained)} of people with tokens or sessions of their own lie in the time of these only where all logins "
        f"are {_hours(hours)}: is the zone of their times right? Until then it cannot be told whether these are in order"
    )


def not_believed(lacking: int, agents: int) -> str:
    """Why tickets are set aside."""
    return (
        f"tickets are not believed: {lacking:,} of {agents:,} agents have none for more than a third of the people whose data "
        "they saw (is the table whole, of this desk, and in the right zone?)"
    )


def _better(session: Session, table: str, least: int, share: float) -> list[dict[str, int]]:
    """Hours later, the best first, at which a table explains more."""
    rows: list[dict[str, int]] = session.query(
        statement("better_shifts").format(table=table), [_MOST_HOURS, _MOST_HOURS, least, share]
    ).to_pylist()
    return rows


def _views(number: int) -> str:
    return "1 view" if number == 1 else f"{number:,} views"


def _hours(number: int) -> str:
    return f"{abs(number)} {'hour' if abs(number) == 1 else 'hours'} {'later' if number > 0 else 'earlier'}"
