"""Who was told when by which version, and who never was, in examples/coupang/README.md, from the case file and its scopes: `python -m
tools.told_section --write | --check`."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from tools.generated import ROOT, between, main, table

__all__ = ["told_section"]

_CASE: Final = ROOT / "examples" / "coupang"
_PAGE: Final = _CASE / "README.md"
_START: Final = "<!-- told: made by `python -m tools.told_section --write` -->\n"
_END: Final = "<!-- end of told -->\n"
_DUTY: Final = "-individuals"


def told_section(case: Mapping[str, Any], scopes: Sequence[Mapping[str, Any]]) -> str:
    """A row for each version, and the groups that nobody told. Counts are lower bounds, as the scopes have them."""
    made = [each for each in case["made"] if each["duty"].endswith(_DUTY)]
    rows, before = [], 0
    for number, scope in enumerate(scopes, start=1):
        people = _lower(scope, "persons")
        told = [each for each in made if each["scope"] == number]
        when = "; ".join(_day(each["at"]) for each in told) or "nobody was"
        rows.append(
            [
                str(number),
                _day(case["scope"][number - 1]["known"]),
                f"{people:,}",
                f"{people - before:,}" if people > before else "-",
                when,
                "; ".join(each["source"] for each in told) or "-",
            ]
        )
        before = max(before, people)
    last = scopes[-1]
    accounts, people = _lower(last, "accounts"), _lower(last, "persons")
    reached = max((_lower(scopes[each["scope"] - 1], "accounts") for each in made), default=0)
    groups = [
        [
            "have an account",
            f"{accounts:,}",
            f"by version {max(each['scope'] for each in made)} at the latest, which counted {reached:,}",
        ],
        ["stand in address books alone", f"{people - accounts:,}", _never(case)],
        *(
            ["seen in what is lost", "cannot be told", f"never can be: {each['what']}"]
            for each in last["open"]
        ),
    ]
    head = ["version", "known", "people, at least", "more than before", "told", "source"]
    return (
        f"{table(head, rows)}\nOf the {people:,} people of version {len(scopes)}, at least:\n\n"
        f"{table(['group', 'people', 'told'], groups)}"
    )


def _lower(scope: Mapping[str, Any], unit: str) -> int:
    return next(int(each["lower"]) for each in scope["counts"] if each["unit"] == unit)


def _never(case: Mapping[str, Any]) -> str:
    why = [each for each in case["answer"] if each["question"] == "violation.no-notice"]
    return "never; " + "; ".join(f"{each['by']}: {each['because']}" for each in why)


def _day(at: Any) -> str:
    if isinstance(at, list):
        return f"{_day(at[0])} to {_day(at[-1])}"
    day = at.date() if isinstance(at, datetime) else at
    assert isinstance(day, date)
    return f"{day.day} {day:%B %Y}"


def _pages() -> Mapping[Path, str]:
    case = tomllib.loads((_CASE / "case.toml").read_text(encoding="utf-8"))
    scopes = [json.loads((_CASE / each["file"]).read_text(encoding="utf-8")) for each in case["scope"]]
    page = _PAGE.read_text(encoding="utf-8")
    return {_PAGE: between(page, _START, _END, told_section(case, scopes))}


if __name__ == "__main__":
    sys.exit(main("told_section", _pages))
