"""Scores the rules of `map suggest` on judged fields: `python -m bench.fields FOLDER [--results FILE] [--misses]`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from whosaw.core.errors import WhosawError
from whosaw.mapping.drafts.field_hints import load_hints
from whosaw.mapping.drafts.judging import JudgedField, judged_fields

from .finding import field_of
from .score import Pair, scored
from .truth import Truth, truths_in

__all__ = ["main", "pairs_of"]


def pairs_of(truths: tuple[Truth, ...]) -> tuple[Pair, ...]:
    """Each verdict with what the rules say of that field; a document that is refused answers nothing."""
    read: dict[Path, tuple[JudgedField, ...]] = {}
    hints = load_hints()
    for path in sorted({truth.excerpt for truth in truths}):
        try:
            read[path] = tuple(judged_fields(path, hints))
        except WhosawError as fault:
            print(f"{path.name}: {fault}", file=sys.stderr)
            read[path] = ()
    return tuple(Pair(truth=truth, told=field_of(truth, read[truth.excerpt])) for truth in truths)


def _line(name: str, told: dict[str, Any]) -> str:
    cells = [f"{name:18} {told['read']:4} of {told['fields']:4} read"]
    for what in ("personal", "category", "subject"):
        shares = (told[what]["precision"], told[what]["recall"])
        shown = [f"{each['share']:.2f}" if each["share"] is not None else "   -" for each in shares]
        cells.append(f"{what} {shown[0]} {shown[1]}")
    return "   ".join(cells)


def _misses(pairs: tuple[Pair, ...]) -> list[str]:
    out = []
    for pair in pairs:
        truth, told = pair.truth, pair.told
        kinds = [
            *(["unread"] if told is None else []),
            *(["personal"] if pair.said != truth.personal else []),
            *(["category"] if truth.personal and pair.said and not pair.right_category else []),
            *(["subject"] if pair.said_subject != truth.subject else []),
        ]
        if kinds:
            said = f"{told.category}{' subject' if told.subject else ''}" if told else "-"
            wanted = f"{'/'.join(truth.categories) or None}{' subject' if truth.subject else ''}"
            out.append(
                f"{truth.id}: {','.join(kinds)}: {truth.operation} {truth.at}: said {said}, is {wanted}"
            )
    return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fields")
    parser.add_argument("folder", type=Path, help="holds *.toml with verdicts and the excerpts they name")
    parser.add_argument("--results", type=Path, help="write the numbers here, as JSON")
    parser.add_argument("--misses", action="store_true", help="list each field that came out otherwise")
    options = parser.parse_args()
    truths = truths_in(options.folder)
    if not truths:
        parser.error(f"{options.folder} holds no judged fields")
    pairs = pairs_of(truths)
    told = scored(pairs)
    print("precision and recall of:")
    print(_line("all", told["all"]))
    print(_line("sure", told["sure"]))
    for group in ("kind", "language", "domain", "confidence"):
        for name, rates in told[group].items():
            print(_line(f"{group} {name}", rates))
    if options.misses:
        print("\n".join(_misses(pairs)))
    if options.results:
        options.results.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
