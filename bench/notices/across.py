"""Scores each set of judged notices by classifiers that did not learn from it: `python -m bench.notices.across`.

The phrases and probes are those that stand; where they were written with a set open, its score says too much of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tools.classifier import FOLDERS, PROBES, sentences, trained

from .__main__ import line, score
from .corpus import LANGUAGES, corpus
from .score import summed

__all__ = ["across", "learnt_from"]


@contextmanager
def learnt_from(folders: list[Path], *, probes: bool = True) -> Iterator[None]:
    """Checks by classifiers that learnt from these folders alone."""
    told = sentences(folders, PROBES if probes else None)
    made = {language: trained(told, language) for language in LANGUAGES.values()}
    with patch("whosaw.law.checking.reader.load_classifier", made.get):
        yield


def across(folder: Path) -> dict[str, dict[str, Any]]:
    """The score of one folder by what was learnt from the others."""
    with learnt_from([each for each in FOLDERS if each != folder]):
        return summed(score(corpus(folder)))


def main() -> int:
    for folder in FOLDERS:
        print(folder.name)
        told = across(folder)
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
