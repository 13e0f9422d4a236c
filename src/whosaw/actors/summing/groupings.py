"""Which entity made each view: by one trait, by two together, or by its way of reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.detectors import Clause
from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store.distinct import order_of
from whosaw.store.kinds import WIDE

from .who import Digests, column, ranks

__all__ = ["NOBODY", "Grouping", "Kinds"]

Ints = npt.NDArray[np.int64]
NOBODY: Final = -1  # the entity of a view that is nobody's
_MANNER: Final = 16
_CLIENT: Final = 17
_FIRST_MADE: Final = 32  # kinds of several traits, of clients that lack one, or whose user agent matches
_PLAIN: Final = {**{name: at for at, name in enumerate(client.NAMES)}, "manner": _MANNER}
_COLUMN: Final = {"manner": "way"}


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Grouping:
    """Views that share what they are grouped by are one entity's; one without it is nobody's, and so is one that has what it
    must lack."""

    by: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    agent_matches: str = ""

    @classmethod
    def of(cls, clause: Clause) -> Grouping:
        """How a clause puts views together."""
        return cls(by=clause.group_by, lacks=clause.lacks, agent_matches=clause.agent_matches or "")

    @property
    def columns(self) -> frozenset[str]:
        """The columns of views, and of their ways of reading beside them, that tell its entities."""
        by = ("client",) if set(self.by) == set(client.SENT) else self.by
        asked = (*by, *self.lacks, *(("agent",) if self.agent_matches else ()))
        return frozenset(_COLUMN.get(each, each) for each in asked)

    def entities(self, views: pa.Table, agents: Mapping[str, Sequence[int]] | None = None) -> Ints:
        """The entity of each view; `NOBODY` for none. `agents`: the numbers of user agents that a pattern finds."""
        if set(self.by) == set(client.SENT):
            entity = _numbers(views, "client")
        elif len(self.by) == 1:
            entity = _numbers(views, self.by[0])
        elif len(self.by) == 2 and not set(self.by) & set(WIDE):
            first, second = (_numbers(views, name) for name in self.by)
            entity = np.where((first < 0) | (second < 0), NOBODY, (first << 32) | second)
        else:
            raise WhosawError(
                "detectors.grouping",
                f"views cannot be put together by {', '.join(self.by)} at once",
                hint="Group by one of them, by two that are neither a token nor a session, or by client",
            )
        for name in self.lacks:
            entity = np.where(_numbers(views, name) < 0, entity, NOBODY)
        if self.agent_matches:
            wanted = np.asarray((agents or {})[self.agent_matches], np.int64)
            entity = np.where(np.isin(_numbers(views, "agent"), wanted), entity, NOBODY)
        return entity

    def order(self, entities: Ints, digests: Digests) -> Ints:
        """The places of entities in the order of the digests of their traits."""
        if len(self.by) == 2:
            traits = [entities >> 32, entities & 0xFFFFFFFF]
            return order_of(*(ranks(name, of, digests) for name, of in zip(self.by, traits, strict=True)))
        name = "client" if set(self.by) == set(client.SENT) else self.by[0]
        return order_of(ranks(name, entities, digests))

    def traits(self, entity: int) -> dict[str, int]:
        """The number of each trait of an entity; of one that is a client, the client's."""
        if set(self.by) == set(client.SENT):
            return {"client": entity}
        if len(self.by) == 1:
            return {self.by[0]: entity}
        return dict(zip(self.by, (entity >> 32, entity & 0xFFFFFFFF), strict=True))


class Kinds:
    """The groupings of clauses, and the number of each as a kind of entity: of a single trait one for life, of others by their
    order among the others."""

    def __init__(self, groupings: Iterable[Grouping]) -> None:
        every = sorted(set(groupings))
        made = [each for each in every if _plain(each) is None]
        self._codes = {each: _FIRST_MADE + at for at, each in enumerate(made)}
        self._codes.update({each: code for each in every if (code := _plain(each)) is not None})
        self.groupings: Mapping[int, Grouping] = {
            code: each for each, code in sorted(self._codes.items(), key=lambda pair: pair[1])
        }

    def code(self, grouping: Grouping) -> int:
        """The number of that kind of entity."""
        return self._codes[grouping]


def _plain(grouping: Grouping) -> int | None:
    if grouping.lacks or grouping.agent_matches:
        return None
    if set(grouping.by) == set(client.SENT):
        return _CLIENT
    return _PLAIN[grouping.by[0]] if len(grouping.by) == 1 else None


def _numbers(views: pa.Table, name: str) -> Ints:
    return column(views, _COLUMN.get(name, name))
