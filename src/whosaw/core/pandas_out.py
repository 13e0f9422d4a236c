"""Keeps pandas out of commands, which ask for no frame: where it is installed, pyarrow loads it with the first array that it makes of a list,
which is a third of a short command's time. PySpark will not work without it, and has it let in."""

from __future__ import annotations

import sys

__all__ = ["keep_pandas_out", "let_pandas_in"]


class _KeptOut:
    """Says that pandas is not there."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004  # asked by the language with all three
        if name == "pandas":
            raise ModuleNotFoundError("no command of whosaw uses pandas", name=name)


def keep_pandas_out() -> None:
    """From now on pandas cannot be loaded in this process."""
    let_pandas_in()
    sys.meta_path.insert(0, _KeptOut)


def let_pandas_in() -> None:
    """It can be loaded again, where it is installed."""
    if _KeptOut in sys.meta_path:
        sys.meta_path.remove(_KeptOut)
