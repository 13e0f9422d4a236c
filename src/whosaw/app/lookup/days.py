"""On which days each person was seen first and last: the version counted once more, where the ledger is what it was then."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Days"]

Ints = npt.NDArray[np.int64]


class Days:
    """Days since 1970 by person; `exact` is false where they cannot be told and only those of the whole version are known."""

    exact = False

    def of_persons(self, persons: Ints) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
        """First and last day of each, 0 where it is not known."""
        nothing = np.zeros(len(persons), np.uint16)
        return nothing, nothing

    def books_of(self, persons: Ints) -> npt.NDArray[np.bool_] | None:  # noqa: ARG002
        """Whether a page with the address book of each was seen; None where only the version as a whole is known."""
        return None
