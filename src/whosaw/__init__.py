"""whosaw finds out who saw whose personal data."""

from __future__ import annotations

from .core.version import __version__

__all__ = ["__version__"]
