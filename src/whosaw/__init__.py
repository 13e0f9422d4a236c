"""whosaw finds out who saw whose personal data."""

from __future__ import annotations

from .core.version import __version__

TYPE_CHECKING = False  # a type checker takes it for true; importing `typing` for that would cost more than all the rest here

if TYPE_CHECKING:
    from .core.errors import WhosawError
    from .notebook import open_workspace as open

__all__ = ["WhosawError", "__version__", "open"]

if not TYPE_CHECKING:  # a type checker takes the names above, and no others

    def __getattr__(name: str) -> object:
        """What needs Arrow and the ledger is loaded when it is asked for, so that `import whosaw` costs next to nothing."""
        if name == "open":
            from .notebook import open_workspace

            return open_workspace
        if name == "WhosawError":
            from .core.errors import WhosawError

            return WhosawError
        raise AttributeError(f"module 'whosaw' has no attribute {name!r}")
