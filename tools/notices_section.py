"""The scores of judged notices in docs/why/notices.md: `python -m tools.notices_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["notices_section"]

_FOLDER = ROOT / "docs" / "performance"
_PAGE = ROOT / "docs" / "why" / "notices.md"
_START = "<!-- notices: made by `python -m tools.notices_section --write` -->\n"
_END = "<!-- end of notices -->\n"
_ACROSS = "notices-across.json"
_SCORES = (
    ("notices-held-12.json", "The twelfth held-back texts, scored once after the eleventh were learnt from"),
    (
        "notices-held-11.json",
        "The eleventh held-back texts, scored once after the tenth and four written to learn from were learnt from",
    ),
    (
        "notices-learnt-9.json",
        "The ninth texts written to learn from, English alone, scored once before that",
    ),
    ("notices-learnt-8.json", "The eighth texts written to learn from, scored once before that"),
    ("notices-learnt-7.json", "The seventh texts written to learn from, scored once before that"),
    ("notices-learnt-6.json", "The sixth texts written to learn from, scored once before that"),
    ("notices-held-10.json", "The tenth held-back texts, scored once after the ninth were learnt from"),
    ("notices-held-9.json", "The ninth held-back texts, scored once after the eighth were learnt from"),
    ("notices-held-8.json", "The eighth held-back texts, scored once after the texts above were learnt from"),
    (
        "notices-held-7.json",
        "The seventh held-back texts, three writers asked for subtle faults, scored once",
    ),
    (
        "notices-learnt-5.json",
        "The fifth texts written to learn from, in voices asked to be unlike all before, scored once before that",
    ),
    ("notices-learnt-4.json", "The fourth texts written to learn from, scored once before that"),
    ("notices-learnt-3.json", "The third texts written to learn from, scored once before that"),
    ("notices-learnt-2.json", "The second texts written to learn from, scored once before that"),
    ("notices-learnt-1.json", "The first texts written to learn from, scored once before that"),
    ("notices-held-6.json", "The sixth held-back texts, scored once after the fifth were learnt from"),
    ("notices-held-5.json", "The fifth held-back texts, scored once after the fourth were opened"),
    ("notices-held-4.json", "The fourth held-back texts, scored once after the third were opened"),
    ("notices-held-3.json", "The third held-back texts, scored once after the second were opened"),
    ("notices-held-2.json", "The second held-back texts, scored once after the first were opened"),
    ("notices-held.json", "The held-back half, scored once"),
    ("notices-tune.json", "The half that rules were tuned on"),
    ("notices-before.json", "The same half, by the rules before"),
)
_LANGUAGES = {"all": "all", "en": "English", "ko": "Korean", "sw": "Swahili"}
_HEAD = (
    "language",
    "texts",
    "faults found",
    "recall",
    "false alarms",
    "share of what holds",
    "good texts that pass whole",
)

_LEFT_OUT = """Each set is scored anew by classifiers that learnt from the other sets, and from nothing that was written with that set open or by its
writer (`python -m bench.notices.across`). Phrases and least margins are those that stand, and for all sets they were widened or chosen with these
texts open. So this says what the classifiers bring to a writer they do not know, and rather too much of texts that nobody has seen: for those
the first scores below are the measure."""


def notices_section(results: Mapping[str, Mapping[str, Any] | None]) -> str:
    """A table for each half that was scored, by its file, and the points that came out otherwise; for the others, that they were not."""
    halves = [
        f"## {title}\n\n{_half(told) if told is not None else 'Not scored yet.' + chr(10)}"
        for name, title in _SCORES
        for told in (results.get(name),)
    ]
    return "\n".join([_across(results.get(_ACROSS)), *halves])


def _across(told: Mapping[str, Any] | None) -> str:
    """The score of each set by classifiers that learnt nothing from it nor from what was written with it open."""
    title = "## Each set by what was learnt without it\n\n"
    if told is None:
        return f"{title}Not scored yet.\n"
    rows = [
        [set_, *_row(name, of[code])]
        for set_, of in told.items()
        for code, name in _LANGUAGES.items()
        if code in of
    ]
    return f"{title}{_LEFT_OUT}\n\n{table(['set', *_HEAD], rows)}"


def _half(told: Mapping[str, Any]) -> str:
    rows = [_row(name, told[code]) for code, name in _LANGUAGES.items() if code in told]
    return table(list(_HEAD), rows) + _otherwise(told["all"]["by_point"])


def _row(name: str, told: Mapping[str, Any]) -> list[str]:
    recall, alarms, whole = told["recall"], told["alarms"], told["pass_whole"]
    return [
        name,
        f"{told['texts']:,}",
        f"{recall['found']} of {recall['of']}",
        _share(recall),
        f"{alarms['found']} of {alarms['of']:,}",
        _share(alarms),
        f"{whole['found']} of {whole['of']}",
    ]


def _share(told: Mapping[str, Any]) -> str:
    return "-" if told["share"] is None else f"{told['share']:.1%}"


def _otherwise(points: Mapping[str, Mapping[str, int]]) -> str:
    missed = [
        f"{name} {each['wrong'] - each['found']}"
        for name, each in points.items()
        if each["wrong"] > each["found"]
    ]
    false = [f"{name} {each['false']}" for name, each in points.items() if each["false"]]
    return f"\nMissed: {', '.join(missed) or 'none'}. False alarms: {', '.join(false) or 'none'}.\n"


def _page() -> Mapping[Path, str]:
    results = {
        name: json.loads((_FOLDER / name).read_text(encoding="utf-8")) if (_FOLDER / name).is_file() else None
        for name in (_ACROSS, *(name for name, _ in _SCORES))
    }
    return {_PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, notices_section(results))}


if __name__ == "__main__":
    sys.exit(main("notices_section", _page))
