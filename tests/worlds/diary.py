"""What happened in a made-up organisation, act by act, before anybody wrote a log of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["HONEST", "Act", "Diary", "Gate", "Login"]

HONEST = "honest"  # every party whose name does not begin with "breach" is honest


@dataclass(slots=True, kw_only=True)
class Gate:
    """How somebody came in: what a request carries beside its page. `-` is nothing."""

    ip: str
    agent: str
    who: str = "-"
    sid: str = "-"
    jti: str = "-"
    kid: str = "-"


@dataclass(slots=True, kw_only=True)
class Act:
    """One request and its answer. `shown` are the accounts whose data it carried, `kin` further people, `listed` people of a
    list whom no log names."""

    at: float
    party: str
    gate: Gate
    verb: str
    target: str
    status: int
    size: int
    page: str = ""
    shown: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()

    @property
    def is_view(self) -> bool:
        return bool(self.page) and 200 <= self.status < 300


@dataclass(slots=True, kw_only=True)
class Login:
    """A session or token that the login service gave out."""

    at: float
    who: str
    ip: str
    sid: str
    jti: str
    kid: str
    ended: float | None = None


@dataclass(slots=True)
class Diary:
    """Everything, in the order in which it was thought of."""

    dice: random.Random
    acts: list[Act] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    tickets: list[tuple[str, str, float, float]] = field(
        default_factory=list
    )  # agent, subject, opened, closed

    def note(
        self, party: str, at: float, gate: Gate, target: str, *, verb: str = "GET", status: int = 200, page: str = "",
        shown: Sequence[str] = (), kin: Sequence[str] = (), listed: Sequence[str] = (),
    ) -> Act:  # fmt: skip
        act = Act(
            at=at, party=party, gate=gate, verb=verb, target=target, status=status,
            size=self.dice.randrange(200, 20_000) if status < 400 else self.dice.randrange(100, 400),
            page=page, shown=tuple(shown), kin=tuple(kin), listed=tuple(listed),
        )  # fmt: skip
        self.acts.append(act)
        return act
