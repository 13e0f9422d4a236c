"""The lines of one segment that are one act with a line of another source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["TwinLines", "stands_in"]

Lines = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinLines:
    """Of one segment, ascending: lines that are witnesses; lines that stand for acts of a client of whom both lines say something,
    with his number and address (-1: none); lines that may be witnesses; lines that stand for acts that are no view and that either line says
    was answered with 401."""

    witnesses: Lines
    merged: Lines
    clients: Ints
    addresses: Ints
    possible: Lines
    refused: Lines

    def told(self, line: Lines, client: Ints, address: Ints) -> tuple[Ints, Ints]:
        """Clients and their addresses by line, those of whom both lines say something put for what one says."""
        if not len(self.merged):
            return client, address
        at = np.minimum(np.searchsorted(self.merged, line), len(self.merged) - 1)
        both = self.merged[at] == line
        return np.where(both, self.clients[at], client), np.where(both, self.addresses[at], address)


def stands_in(some: Lines, line: Lines) -> npt.NDArray[np.bool_]:
    """Which of the lines stand among `some`, which ascend."""
    if not len(some):
        return np.zeros(len(line), bool)
    found: npt.NDArray[np.bool_] = some[np.minimum(np.searchsorted(some, line), len(some) - 1)] == line
    return found
