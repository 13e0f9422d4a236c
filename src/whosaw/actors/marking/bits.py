"""What a flag takes a view for, or a client on one day; a bit each."""

from __future__ import annotations

from typing import Final

__all__ = ["COUNTS", "HOLDS", "OF_ENTITY", "OF_ITSELF", "OF_THE_DAY", "PROVES"]

HOLDS: Final = (
    1  # its entity made the view, with a client that bears the sign on that day where only those belong to it
)
COUNTS: Final = (
    2  # and the view bears that sign itself and counts by the explanations that its detector tries
)
PROVES: Final = 4  # a record says of this view that nobody had a reason for it
OF_ITSELF: Final = 8  # it is known that nothing explains it, not only that there are too many of its like
OF_THE_DAY: Final = 16  # it counts a view that the client made on that day
OF_ENTITY: Final = 32  # the client is of its entity, whatever its views are
