"""The command line as a door: its user is the owner of what is on the machine, or whom a token in the environment speaks for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from whosaw.app.gating.door import Coming, coming

from .surroundings import now

if TYPE_CHECKING:
    from whosaw.app.gating.rights import Somebody
    from whosaw.store.journal import Journal

__all__ = ["TOKEN", "by_terminal"]

TOKEN: Final = "WHOSAW_TOKEN"  # noqa: S105  # the variable that holds one
_PURPOSE: Final = "WHOSAW_PURPOSE"


@contextmanager
def by_terminal(reason: str = "") -> Iterator[None]:
    """A command asks the gate as whoever runs it. What they look at people for is its `--reason`, or stands in the environment."""
    purpose = reason or os.environ.get(_PURPOSE, "")

    def tell(journal: Journal) -> Somebody | None:
        from whosaw.app.gating.asking import owner
        from whosaw.core.errors import WhosawError
        from whosaw.store.permits import ACCOUNTS

        from .from_project import in_force

        sent, project = os.environ.get(TOKEN), in_force()
        if sent:
            from whosaw.app.gating.tokens import whose_token

            found = whose_token(journal, sent, now=now(), purpose=purpose)
            if found is None:
                raise WhosawError(
                    "gate.token",
                    f"{TOKEN} holds no token of this workspace, or one that ended",
                    hint="An administrator makes one: whosaw gate token NAME --role ROLE",
                )
            return found
        if journal.setting(ACCOUNTS) or (project is not None and project.accounts):
            raise WhosawError(
                "gate.no-token",
                "this workspace is opened with an account alone",
                hint=f"Put a token of yours into {TOKEN}; an administrator makes one: whosaw gate token NAME --role ROLE",
            )
        return owner(purpose)

    before = coming.set(Coming(door="cli", tell=tell, now=now, records=True))
    try:
        yield
    finally:
        coming.reset(before)
