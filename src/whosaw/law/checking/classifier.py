"""Linear classifiers of sentences, one for each kind of fault and some parts of a notice: what phrases do not know, likeness may tell.

A classifier gives each sentence a margin: above 0 it is more like the sentences that were judged to say the thing, below 0 more like those
that were judged not to. Weights are worked out beforehand (`python -m tools.classifier`) from the judged notices of the repository, from
sentences written to try the rules, and from the cases of items; here they are added up. No network, no chance, no other library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from whosaw.packs.languages import language_folder, load_language

from .features import features_of

__all__ = ["FAULTS", "FILE", "STEP", "Classifier", "load_classifier", "read_classifier", "write_classifier"]

FILE: Final = "classifier.npz"
STEP: Final = 0.01  # weights are whole multiples of it, so that they take one or two bytes
# the keys that are faults; the others are parts of a notice
FAULTS: Final = (
    "softened", "breach-denied", "rights-denied", "rights-waived", "conditions", "nothing-to-do", "certain-as-possible",
    "possible-as-certain", "groundless-safety", "number-understated", "asks-for-secret", "taken-as-seen", "minimised", "contact-paid",
    "duty-disclaimed", "advertising",
)  # fmt: skip
_NEVER: Final = -9.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Classifier:
    """Weights of one language: a row for each feature and a column for each key. `made_of` is the digest of what they were made of."""

    keys: tuple[str, ...]
    rows: Mapping[str, int]
    weights: NDArray[np.int16]
    bias: NDArray[np.float64]
    joined: bool
    made_of: str

    def margins(self, folded: str) -> Mapping[str, float]:
        """The margin of each key for one sentence. A sentence without a known feature is like none."""
        return _margins(self, folded)

    def margin(self, key: str, folded: str) -> float:
        return self.margins(folded).get(key, _NEVER)


@lru_cache(maxsize=8192)
def _margins(classifier: Classifier, folded: str) -> Mapping[str, float]:
    known = [
        row
        for each in features_of(folded, joined=classifier.joined)
        if (row := classifier.rows.get(each)) is not None
    ]
    if not known:
        return {}
    # whole numbers are added, so the order of features changes nothing
    added = classifier.weights[known].sum(axis=0, dtype=np.int64) * STEP / len(known) ** 0.5 + classifier.bias
    return dict(zip(classifier.keys, added.tolist(), strict=True))


@cache
def load_classifier(language: str) -> Classifier | None:
    """The shipped classifier of a language; None where there is none."""
    path = language_folder(language) / FILE
    return read_classifier(path, joined=load_language(language).reading.joined) if path.is_file() else None


def read_classifier(path: Path, *, joined: bool) -> Classifier:
    """The classifier in a file, which `write_classifier` wrote."""
    with np.load(path, allow_pickle=False) as data:
        features = bytes(data["features"]).decode().split("\n")
        return Classifier(
            keys=tuple(bytes(data["keys"]).decode().split("\n")),
            rows={each: at for at, each in enumerate(features)},
            weights=cast("NDArray[np.int16]", data["weights"]),
            bias=cast("NDArray[np.float64]", data["bias"]),
            joined=joined,
            made_of=bytes(data["made_of"]).decode(),
        )


def write_classifier(path: Path, classifier: Classifier) -> None:
    """Writes it as compressed arrays, without anything that a reader would have to run."""
    np.savez_compressed(
        path,
        features=_text(tuple(classifier.rows)),
        keys=_text(classifier.keys),
        weights=classifier.weights,
        bias=classifier.bias,
        made_of=_text((classifier.made_of,)),
    )


def _text(lines: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)
