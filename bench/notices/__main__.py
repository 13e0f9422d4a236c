"""Scores `notice check` on judged notices: `python -m bench.notices FOLDER [--results FILE] [--misses] [--third N]`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .corpus import Judged, corpus, ill_formed
from .points import checked, reported
from .score import Scored, summed

__all__ = ["line", "main", "score"]


def score(judged: Sequence[Judged]) -> tuple[Scored, ...]:
    """Each notice with the points that the check reports, and whether it lets the text pass whole."""
    found: list[Scored] = []
    with tempfile.TemporaryDirectory() as folder:
        for each in judged:
            check = checked(each, Path(folder))
            found.append(Scored(judged=each, reported=reported(check.checks), passed=check.passes))
    return tuple(found)


def line(name: str, told: Mapping[str, Any]) -> str:
    share = {
        key: "-" if told[key]["share"] is None else f"{told[key]['share']:.3f}"
        for key in ("recall", "alarms")
    }
    return (
        f"{name:8} faults found {told['recall']['found']:4} of {told['recall']['of']:4} ({share['recall']})   "
        f"false alarms {told['alarms']['found']:4} of {told['alarms']['of']:5} ({share['alarms']})   "
        f"pass whole {told['pass_whole']['found']:3} of {told['pass_whole']['of']:3}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.notices")
    parser.add_argument("folder", type=Path, help="holds korean.toml, english.toml, swahili.toml")
    parser.add_argument("--results", type=Path, help="write the numbers here, as JSON")
    parser.add_argument("--misses", action="store_true", help="list each point that came out otherwise")
    parser.add_argument(
        "--third", type=int, nargs="+", choices=(0, 1, 2), default=[0, 1, 2], help="score these thirds alone"
    )
    options = parser.parse_args()
    judged = corpus(options.folder)
    if not judged:
        parser.error(f"{options.folder} holds no judged notices")
    for fault in (fault for each in judged for fault in ill_formed(each)):
        print(fault, file=sys.stderr)
    scored = score([each for at, each in enumerate(judged) if at % 3 in options.third])
    told = summed(scored)
    for language, numbers in told.items():
        print(line(language, numbers))
    for each in scored if options.misses else ():
        if each.missed or each.alarms:
            print(f"{each.judged.id}: missed {sorted(each.missed)}, false {sorted(each.alarms)}")
    if options.results:
        options.results.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
