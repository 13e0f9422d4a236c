"""Which whosaw this is. The build reads it here, and `whosaw.__version__` is it."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
