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

from .__main__ import line, score
from .corpus import LANGUAGES, corpus
from .score import summed

__all__ = ["OPEN", "across", "learnt_without"]

# of each set the first files of probes and of written sentences that were made with it open
OPEN: Final[Mapping[str, tuple[int, int]]] = {
    "held": (3, 12),
    "held-2": (3, 12),
    "held-3": (4, 12),
    "held-4": (5, 12),
    "held-5": (7, 12),
    "held-6": (7, 14),
}


@contextmanager
def learnt_without(name: str) -> Iterator[None]:
    """Checks by classifiers that learnt neither from this set nor from what was written with it open."""
    probes, written = OPEN[name]
    folders = [each for each in FOLDERS if each.name != name]
    told = sentences(folders, probes_before=probes, written_before=written)
    made = {language: trained(told, language) for language in LANGUAGES.values()}
    with patch("whosaw.law.checking.reader.load_classifier", made.get):
        yield


def across(folder: Path) -> dict[str, dict[str, Any]]:
    """The score of one folder by what was learnt without it."""
    with learnt_without(folder.name):
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
