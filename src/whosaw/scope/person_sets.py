"""Sets of the persons of a scope, and disjoint groups of them by what was seen of each."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
from pyroaring import BitMap

from whosaw.store.sql import Session

from .tallies import Tallies

__all__ = ["groups_of_people", "person_sets"]

_NARROW_KINDS: Final = 62  # bits that fit a whole number of 64; wider ones come as Python numbers


def person_sets(session: Session, tallies: Tallies) -> tuple[dict[str, BitMap], Counter[int]]:
    """The sets of persons, and how many held persons there are by bits of kinds."""
    rows = session.query("SELECT person, kinds, held FROM count_people ORDER BY person")
    person = rows["person"].to_numpy().astype(np.uint32)
    held = rows["held"].to_numpy(zero_copy_only=False)
    wide = len(tallies.kinds) > _NARROW_KINDS
    kinds = np.array(rows["kinds"].to_pylist(), object) if wide else rows["kinds"].to_numpy()
    sets = {"held": BitMap(person[held]), "possible": BitMap(person[~held])}
    for category in sorted({each for kind in tallies.kinds for each in kind}):
        mask = sum(1 << at for at, kind in enumerate(tallies.kinds) if category in kind)
        sets[f"category:{category}"] = BitMap(person[held & ((kinds & mask) != 0)])
    values, many = np.unique(kinds[held], return_counts=True)
    return sets, Counter({int(value): int(number) for value, number in zip(values, many, strict=True)})


def groups_of_people(tallies: Tallies, kinds: Counter[int]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Disjoint groups of held persons by all categories seen of them."""
    found: Counter[tuple[str, ...]] = Counter()
    for bits, many in kinds.items():
        categories = {each for at, kind in enumerate(tallies.kinds) if bits >> at & 1 for each in kind}
        found[tuple(sorted(categories))] += many
    return tuple(sorted(found.items()))
