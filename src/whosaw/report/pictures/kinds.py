"""The names of the pictures that there are: a module of their own, for the help of a command names them and needs nothing else."""

from __future__ import annotations

from typing import Literal

__all__ = ["Kind"]

Kind = Literal["timeline", "week", "order", "networks", "person", "categories", "versions", "coverage"]
