"""From which margin on a classifier's word is taken: for each language and key, as `python -m bench.notices.margins --write` chose it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Final

from whosaw.packs.toml_file import load_toml

__all__ = ["Least", "load_margins", "margin_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """The least margin: `alone`, where no phrase finds the passage, and `with_phrase`, where one does."""

    alone: float
    with_phrase: float


_PHRASES_ALONE: Final = Least(alone=inf, with_phrase=-inf)


@cache
def load_margins() -> Mapping[str, Mapping[str, Least]]:
    """The shipped table: by language, then by key."""
    data = load_toml(Path(str(files("whosaw") / "data" / "checks" / "margins.toml"))).data
    return {
        language: {
            key: Least(alone=float(each["alone"]), with_phrase=float(each["with_phrase"]))
            for key, each in keys.items()
        }
        for language, keys in data.items()
    }


def margin_of(language: str, key: str) -> Least:
    """The least margins of one key of the classifier of `language`; where none were chosen, phrases count and likeness does not."""
    return load_margins().get(language, {}).get(key, _PHRASES_ALONE)
