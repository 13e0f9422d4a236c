"""Files that executors put into the store, before they count."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from whosaw.store.files import ContentStore

__all__ = ["check_written"]


def check_written(files: ContentStore, names: Iterable[str]) -> None:
    """Raise `WhosawError` where one of these files is not there, or does not hold what its name says."""
    for name in names:
        with suppress(FileNotFoundError):
            # a folder that was looked at anew shows what another machine put there
            os.listdir(files.path(name).parent)
        with files.mapped(name):
            pass
