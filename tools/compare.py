"""docs/compare.md, what other tools do: `python -m tools.compare --write | --check`.

Two sources: tools/compare.toml, where each cell names the page that says so and the day on which it was read, and the measured times of
docs/performance/peers.json. A cell without a page, or a page that nothing rests on, is refused.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["compared", "faults_of", "measured", "page", "read"]

_PAGE = ROOT / "docs" / "compare.md"
_DATA = ROOT / "tools" / "compare.toml"
_TIMES = ROOT / "docs" / "performance" / "peers.json"
_ANSWERS = ("yes", "in part", "no")
_START, _END = "<!-- compared: made by `python -m tools.compare --write` -->", "<!-- end of compared -->"
_START_READ, _END_READ = "<!-- read: made by `python -m tools.compare --write` -->", "<!-- end of read -->"
_START_TIMES, _END_TIMES = (
    "<!-- times: made by `python -m tools.compare --write` -->",
    "<!-- end of times -->",
)


def _rests_on(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(where, page) of each cell and each strength."""
    for peer in data["peer"]:
        yield f"{peer['name']}: better", peer.get("source", "")
        for question, cell in peer["says"].items():
            yield f"{peer['name']}: {question}", cell.get("page", "")


def faults_of(data: Mapping[str, Any]) -> list[str]:
    """A line for each cell without a source that was read, each answer or question that is not known, and each idle page."""
    pages = {each["id"]: each for each in data["page"]}
    questions = {each["id"] for each in data["questions"]}
    found = [f"{where}: no page {name!r}" for where, name in _rests_on(data) if name not in pages]
    used = {name for _, name in _rests_on(data)}
    found += [f"page {name}: nothing rests on it" for name in pages if name not in used]
    for name, each in pages.items():
        if not each.get("url", "").startswith(("https://", "http://")):
            found.append(f"page {name}: no url")
        if not isinstance(each.get("read"), date):
            found.append(f"page {name}: no day on which it was read")
    for peer in data["peer"]:
        for question, cell in peer["says"].items():
            if question not in questions:
                found.append(f"{peer['name']}: no question {question!r}")
            if cell.get("answer") not in _ANSWERS:
                found.append(
                    f"{peer['name']}: {question}: {cell.get('answer')!r} is none of {', '.join(_ANSWERS)}"
                )
    return found


def compared(data: Mapping[str, Any]) -> str:
    """The table of all tools, and what each does better."""
    numbers = {each["id"]: number for number, each in enumerate(data["page"], start=1)}

    def cell(says: Mapping[str, Any]) -> str:
        if not says:
            return "·"
        note = f": {says['note']}" if "note" in says else ""
        return f"**{says['answer']}**{note} {_mark(numbers[says['page']])}"

    asked = data["questions"]
    ours = ["**whosaw**", *(f"**yes**, [here]({each['ours']})" for each in asked)]
    rows = [
        [f"**{peer['name']}**, {peer['kind']}", *(cell(peer["says"].get(each["id"], {})) for each in asked)]
        for peer in data["peer"]
    ]
    better = [
        f"- **{peer['name']}.** {peer['better']} {_mark(numbers[peer['source']])}" for peer in data["peer"]
    ]
    return "\n".join(
        [
            table(["", *(each["asks"] for each in asked)], [ours, *rows]),
            "## What others do better\n",
            *better,
        ]
    )


def read(data: Mapping[str, Any]) -> str:
    """The pages that were read, numbered."""
    return "\n".join(_source(number, each) for number, each in enumerate(data["page"], start=1))


def _mark(number: int) -> str:
    return f"[[{number}]](#read-{number})"


def _source(number: int, each: Mapping[str, Any]) -> str:
    of = f"of {each['of'].isoformat()}, " if "of" in each else ""
    return f'{number}. <span id="read-{number}"></span>[{each["title"]}]({each["url"]}), {of}read on {each["read"].isoformat()}'


def measured(document: Mapping[str, Any]) -> str:
    """What the three questions took, in seconds of the whole process: the middle one of the runs."""
    names = [each["name"] for each in document["questions"]]
    heads = {"clients": "how many clients", "pages": "views by page", "persons": "which persons"}
    rows = []
    for each in document["contenders"]:
        if each["absent"]:
            continue
        if "with_reading" in each:
            first = [f"{each['with_reading'][name]['seconds']['median']:.2f}" for name in names]
            rows.append([f"{each['label']}, reading the log first", *first])
        times = [_time(each["questions"][name]) for name in names]
        once = ", once it is read" if "with_reading" in each else ""
        rows.append([f"{each['label']}{once}", *times])
    where = f"{document['log']['lines']:,} lines on {document['machine']['cores']} cores, {document['measured']}; seconds:\n"
    return f"{where}\n{table(['', *(heads.get(name, name) for name in names)], rows)}"


def _time(told: Mapping[str, Any]) -> str:
    """Seconds; or that a tool cannot be asked, or that it counts something else."""
    if told["outcome"] == "cannot":
        return "cannot be asked"
    own = " (a count of its own)" if told["outcome"] == "own" else ""
    return f"{told['seconds']['median']:.2f}{own}"


def page() -> dict[Path, str]:
    """The page with its made parts as they should be."""
    text = _PAGE.read_text(encoding="utf-8")
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    text = between(text, _START, _END, f"\n{compared(data)}\n")
    text = between(text, _START_READ, _END_READ, f"\n{read(data)}\n")
    text = between(
        text, _START_TIMES, _END_TIMES, f"\n{measured(json.loads(_TIMES.read_text(encoding='utf-8')))}"
    )
    return {_PAGE: text}


if __name__ == "__main__":
    sys.exit(main("compare", page, lambda: faults_of(tomllib.loads(_DATA.read_text(encoding="utf-8")))))
