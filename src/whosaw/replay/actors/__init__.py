"""Who sends requests on an honest day: customers, machines, support agents, partners and nightly jobs."""

from __future__ import annotations

from typing import Protocol

from whosaw.replay.people import People
from whosaw.replay.setting import Setting
from whosaw.replay.traffic import Actor, Issued

from .jobs import Jobs
from .machines import Machines
from .partners import Partners
from .support import Support
from .visitors import Live, Visitors

__all__ = ["HonestActor", "Jobs", "Live", "Machines", "Partners", "Support", "Visitors", "honest_actors"]


class HonestActor(Actor, Protocol):
    """An actor that may hold tokens from before the log."""

    def before(self) -> Issued | None:
        """Tokens on record from before the log, shown in it or not; None where there can be none."""
        ...


def honest_actors(
    setting: Setting, people: People
) -> tuple[Visitors, HonestActor, HonestActor, HonestActor, HonestActor]:
    """Everybody of the honest shop, the visitors first."""
    return (
        Visitors(setting, people),
        Machines(setting),
        Support(setting, people),
        Partners(setting, people),
        Jobs(setting, people),
    )
