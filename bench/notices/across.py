"""Scores each held-back set of notices by classifiers that learnt nothing from it: `python -m bench.notices.across [--results FILE] [SET...]`.

Left out with a set are the probes and the sentences that were written with it open. The phrases and the thresholds are those that stand; some
were chosen with the set open, so a score says rather too much of a text that nobody has seen.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from tools.classifier import FOLDERS, sentences, trained

from whosaw.law.checking.classifier import Classifier

from .__main__ import line, score
from .corpus import LANGUAGES, corpus
from .score import summed

__all__ = ["OPEN", "across", "checking_by", "learnt_without"]

_LATER: Final = frozenset(
    range(12, 14)
)  # sentences that were written with the misses on held-3 to held-5 open
# of each set the first file of probes that was made with it open, and the files of written sentences that were, or that its writer wrote
OPEN: Final[Mapping[str, tuple[int, frozenset[int]]]] = {
    "held": (3, _LATER),
    "held-2": (3, _LATER),
    "held-3": (4, _LATER),
    "held-4": (5, _LATER),
    "held-5": (7, _LATER),
    "held-6": (7, frozenset()),
    "held-7": (7, frozenset()),
    "held-8": (8, frozenset()),
    "held-9": (9, frozenset({19})),
    "held-10": (9, frozenset()),
    "held-11": (14, frozenset()),
    "learnt-1": (7, frozenset({14})),
    "learnt-2": (7, frozenset({15})),
    "learnt-3": (7, frozenset({16})),
    "learnt-4": (7, frozenset({17})),
    "learnt-5": (7, frozenset({18})),
    "learnt-6": (9, frozenset()),
    "learnt-7": (10, frozenset()),
    "learnt-8": (11, frozenset()),
    "learnt-9": (13, frozenset()),
}


def learnt_without(name: str) -> dict[str, Classifier]:
    """By language what is learnt neither from this set, nor from what was written with it open or by its writer."""
    probes, written = OPEN[name]
    folders = [each for each in FOLDERS if each.name != name]
    told = sentences(folders, probes_before=probes, written_without=written)
    return {language: trained(told, language) for language in LANGUAGES.values()}


@contextmanager
def checking_by(made: Mapping[str, Classifier]) -> Iterator[None]:
    """Checks by these classifiers."""
    with patch("whosaw.law.checking.reader.load_classifier", made.get):
        yield


def across(folder: Path) -> dict[str, dict[str, Any]]:
    """The score of one folder by what was learnt without it."""
    with checking_by(learnt_without(folder.name)):
        return summed(score(corpus(folder)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.notices.across")
    parser.add_argument("sets", nargs="*", choices=(*OPEN, []), help="score these alone")
    parser.add_argument("--results", type=Path, help="write the numbers here, as JSON, by the set")
    options = parser.parse_args()
    results = {}
    for folder in FOLDERS:
        if folder.name not in (options.sets or OPEN):
            continue
        print(folder.name)
        told = results[folder.name] = across(folder)
        for language, numbers in told.items():
            print(line(language, numbers))
        print(
            "  "
            + ", ".join(
                f"{point} {each['found']}/{each['wrong']} false {each['false']}"
                for point, each in told["all"]["by_point"].items()
                if each["found"] < each["wrong"] or each["false"]
            )
        )
    if options.results:
        options.results.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
