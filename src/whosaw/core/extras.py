"""Libraries that come with an extra: imported where they are asked for, and named where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import WhosawError

__all__ = ["load_extra"]


def load_extra(module: str, missing: WhosawError) -> Any:
    """The module of an extra; raises `missing`, whose hint says what to install, where it cannot be imported."""
    try:
        return import_module(module)
    except ImportError as fault:
        raise missing from fault
