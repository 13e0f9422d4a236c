"""The weights of `notice check`: `python -m tools.classifier --write | --check`.

A linear support vector machine for each key, with the squared hinge loss, trained by dual coordinate descent (Hsieh et al., A Dual
Coordinate Descent Method for Large-scale Linear SVM, ICML 2008): exact for the few thousand sentences there are, and the same at every run.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from bench.notices.corpus import LANGUAGES, corpus
from bench.notices.sentences import KEYS, Sentence, of_cases, of_drafts, of_notices, of_probes, of_written

from tools.generated import DATA, ROOT
from whosaw.law.checking.classifier import FILE, STEP, Classifier, read_classifier, write_classifier
from whosaw.law.checking.features import features_of
from whosaw.packs.languages import load_language

__all__ = ["FOLDERS", "PROBES", "main", "sentences", "trained"]

_NOTICES: Final = ROOT / "tests" / "notices"
FOLDERS: Final = (
    _NOTICES,
    _NOTICES / "held",
    _NOTICES / "held-2",
    _NOTICES / "held-3",
    _NOTICES / "held-4",
    _NOTICES / "held-5",
    _NOTICES / "held-6",
    _NOTICES / "held-7",
    _NOTICES / "held-8",
    _NOTICES / "held-9",
    _NOTICES / "held-10",
    _NOTICES / "held-11",
    _NOTICES / "learnt-1",
    _NOTICES / "learnt-2",
    _NOTICES / "learnt-3",
    _NOTICES / "learnt-4",
    _NOTICES / "learnt-5",
    _NOTICES / "learnt-6",
    _NOTICES / "learnt-7",
    _NOTICES / "learnt-8",
    _NOTICES / "learnt-9",
)
PROBES: Final = _NOTICES / "probes"
_WRITTEN: Final = _NOTICES / "written"
_ROUNDS: Final = 10
_COST: Final = 0.3
_SAID_COSTS: Final = 3.0  # times more than a sentence that does not say it: those are many
_LEAST_SENTENCES: Final = 2  # a feature of one sentence alone tells nothing of others
_SEED: Final = 7


def sentences(
    folders: Iterable[Path] = FOLDERS,
    *,
    probes_before: int | None = None,
    written_without: Collection[int] = (),
) -> list[Sentence]:
    """Everything that there is to learn from; of probes only the files with lower numbers, of what is written to learn from no file with
    one of these numbers."""
    found = [each for folder in folders for each in of_notices(corpus(folder))]
    return [
        *found,
        *of_probes(PROBES, probes_before),
        *of_written(_WRITTEN, written_without),
        *of_drafts(),
        *of_cases(),
    ]


def trained(told: Sequence[Sentence], language: str) -> Classifier:
    """The classifier of one language."""
    own = [each for each in told if each.language == language and each.says]
    joined = load_language(language).reading.joined
    features = [features_of(each.text, joined=joined) for each in own]
    counted = Counter(each for every in features for each in every)
    rows = {
        each: at
        for at, each in enumerate(
            sorted(name for name, times in counted.items() if times >= _LEAST_SENTENCES)
        )
    }
    seen = [
        np.array(sorted(rows[each] for each in every if each in rows), dtype=np.int64) for every in features
    ]
    wanted = np.zeros((len(own), len(KEYS)))
    for at, each in enumerate(own):
        for key, said in each.says.items():
            wanted[at, KEYS.index(key)] = 1.0 if said else -1.0
    weights, bias = _descent(seen, wanted, len(rows))
    return Classifier(
        keys=KEYS,
        rows=rows,
        weights=np.round(weights / STEP).astype(np.int16),
        bias=np.round(bias, 4),
        joined=joined,
        made_of=_digest(own),
    )


def _descent(seen: Sequence[np.ndarray], wanted: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases by sentences as rows of features (each of the same length 1) and what is wanted: 1, -1, or 0 for unknown."""
    keys = wanted.shape[1]
    slack = np.where(wanted > 0, 1 / (2 * _COST * _SAID_COSTS), 1 / (2 * _COST))
    alpha, weights, bias = np.zeros_like(wanted), np.zeros((rows, keys)), np.zeros(keys)
    order = [at for at, each in enumerate(seen) if len(each) and wanted[at].any()]
    chance = np.random.default_rng(_SEED)
    for _ in range(_ROUNDS):
        chance.shuffle(order)
        for at in order:
            here, value = seen[at], len(seen[at]) ** -0.5
            gradient = wanted[at] * (weights[here].sum(axis=0) * value + bias) - 1 + slack[at] * alpha[at]
            after = np.maximum(alpha[at] - gradient / (2 + slack[at]), 0) * (wanted[at] != 0)
            step = (after - alpha[at]) * wanted[at]
            alpha[at] = after
            if step.any():
                weights[here] += step * value
                bias += step
    return weights, bias


def _digest(told: Sequence[Sentence]) -> str:
    told_as = repr([(each.text, sorted(each.says.items())) for each in told])
    code = "".join(
        Path(name).read_text(encoding="utf-8")
        for name in (__file__, ROOT / "src/whosaw/law/checking/features.py")
    )
    return hashlib.sha256((told_as + code).encode()).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.classifier")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true", help="work the weights out anew")
    way.add_argument("--check", action="store_true", help="exit 1 where they were made of something else")
    options = parser.parse_args()
    told = sentences()
    late = 0
    for language in sorted(LANGUAGES.values()):
        path = DATA / "languages" / language / FILE
        own = [each for each in told if each.language == language and each.says]
        if options.write:
            write_classifier(path, trained(told, language))
        elif not path.is_file() or read_classifier(path, joined=False).made_of != _digest(own):
            print(f"classifier: {path.relative_to(ROOT)} was made of other sentences or by other code")
            late = 1
    if late:
        print("classifier: out of date. Run: python -m tools.classifier --write")
    return late


if __name__ == "__main__":
    sys.exit(main())
