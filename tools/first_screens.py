"""The screens that somebody sees first, at the widths of usual terminals: `python -m tools.first_screens FOLDER [NAME ...]` runs each and
draws it as SVG in both colour schemes, for looking at.

tests/docs/test_first_screens.py runs the same screens and holds that no line is too long and no number is cut at any width.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from tools import console
from tools.terminal import DARK, LIGHT, drawn, plain, printed, with_prompt

__all__ = ["FIRST", "MORE", "WIDE", "WIDTHS", "First", "Run", "faults", "prepare", "shown"]

# arguments of whosaw, the folder it runs in, and the width of the terminal: what it prints, in colours
Run = Callable[[Sequence[str], Path, int], str]

WIDTHS: Final = (60, 80, 120)
WIDE: Final = 400  # nothing is broken or left out at this width
_NUMBER: Final = re.compile(r"\d[\d,.:]*\d|\d")
_WORD: Final = re.compile(r"(?<![A-Za-z_])[A-Za-z]{2,20}(?![A-Za-z_])")
_ID: Final = re.compile(r"\bf-[0-9a-f]{16}\b")  # of findings: another in each workspace
_START: Final = datetime(2025, 3, 3, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """A screen: its name, and the arguments of whosaw. `FINDING` and `LINE` among them are an id and a locator of the folder."""

    name: str
    arguments: tuple[str, ...]


FIRST: Final = (
    First(name="nothing", arguments=()),
    First(name="help", arguments=("--help",)),
    First(name="help-scan", arguments=("scan", "--help")),
    First(name="help-who", arguments=("who", "--help")),
    First(name="help-picture", arguments=("picture", "--help")),
    First(name="init", arguments=("init", "logs", "--tz", "Africa/Nairobi")),
    First(name="config", arguments=("config",)),
    First(name="scan", arguments=("scan", "-w", "again-COLUMNS")),
    First(name="findings", arguments=("findings",)),
    First(name="finding", arguments=("finding", "FINDING")),
    First(name="explained", arguments=("findings", "--explain", "FINDING")),
    First(name="who", arguments=("who", "10002")),
    First(name="what", arguments=("what", "FINDING")),
    First(name="explain", arguments=("explain", "LINE")),
    First(name="status", arguments=("status",)),
    First(name="coverage", arguments=("coverage", "--hours")),
    First(name="map-check", arguments=("map", "check")),
    First(name="context-check", arguments=("context", "check")),
    First(name="formats-try", arguments=("formats", "try", "logs/crm/audit.jsonl")),
    First(name="map-categories", arguments=("map", "categories")),
    First(name="replay-list", arguments=("replay", "list")),
    First(name="formats-show", arguments=("formats", "show", "combined")),
    First(name="formats-columns", arguments=("formats", "columns")),
    First(name="help-notice-send", arguments=("notice", "send", "--help")),
    First(name="picture", arguments=("picture", "--of", "person", "10002")),
    First(name="error", arguments=("who", "nobody@example.org")),
    First(name="error-usage", arguments=("scan", "--formt", "combined")),
    First(name="error-file", arguments=("scan", "logs/web/acess.log")),
)
MORE: Final = (
    First(name="rejects", arguments=("rejects",)),
    First(name="line", arguments=("line", "LINE")),
    First(name="sql", arguments=("sql", "SELECT * FROM views LIMIT 5")),
    First(name="lookups", arguments=("lookups",)),
    First(name="check", arguments=("check",)),
    First(name="formats-list", arguments=("formats", "list")),
    First(name="map-suggest", arguments=("map", "suggest", "logs/web")),
    First(name="packs-check", arguments=("packs", "check")),
    First(name="context-sources", arguments=("context", "sources")),
    First(name="custody-head", arguments=("custody", "head")),
    First(name="gate-show", arguments=("gate", "show")),
    First(name="me-show", arguments=("me", "show")),
    First(name="hold-list", arguments=("hold", "list")),
    First(name="scope-list", arguments=("scope", "list")),
    First(name="decisions-of-none", arguments=("decisions", "CASE")),
    First(name="erasures", arguments=("erasures",)),
    First(name="law-list", arguments=("law", "list")),
    First(name="law-show", arguments=("law", "show", "eu/authority")),
    First(name="law-coming", arguments=("law", "coming")),
    First(name="law-review", arguments=("law", "review")),
    First(name="law-changes", arguments=("law", "changes", "whosaw.toml")),
    First(name="formats-try-web", arguments=("formats", "try", "logs/web/access.log")),
    First(name="picture-week", arguments=("picture", "--of", "week", "FINDING")),
    First(name="who-csv", arguments=("who", "10002", "--csv")),
    First(name="who-tsv", arguments=("who", "10002", "--tsv")),
    First(name="help-init", arguments=("init", "--help")),
    First(name="help-formats-try", arguments=("formats", "try", "--help")),
    First(name="help-scope-new", arguments=("scope", "new", "--help")),
)
"""Screens that are looked at as well, and not held by a test: name them, or `more` for all."""
_FRESH: Final = frozenset(("init",))  # run where nothing was drafted yet


def prepare(folder: Path, run: Run) -> None:
    """Logs of a shop of two services, staff and a canary: as they were found below `folder`/fresh, drafted and scanned below
    `folder`/drafted, whose finding and line stand in `folder`/known.json."""
    fresh, drafted = folder / "fresh", folder / "drafted"
    _write_logs(fresh)
    shutil.copytree(fresh, drafted)
    run(("init", "logs", "--tz", "Africa/Nairobi"), drafted, WIDE)
    project, data_map = drafted / "whosaw.toml", drafted / "map.toml"
    project.write_text(project.read_text().replace('# context = "context"', 'context = "context"'))
    data_map.write_text(data_map.read_text().replace("draft = true\n", ""))
    run(("scan",), drafted, WIDE)
    listed = json.loads(run(("findings", "--json"), drafted, WIDE))["findings"]
    seen = json.loads(run(("who", "10002", "--json"), drafted, WIDE))
    known = {"FINDING": listed[0]["id"], "LINE": seen["locators"][0]}
    (folder / "known.json").write_text(json.dumps(known))


def shown(first: First, folder: Path, columns: int, run: Run) -> str:
    """What the screen shows at that width, without what no two runs say alike."""
    known = json.loads((folder / "known.json").read_text())
    place = folder / "drafted"
    if first.name in _FRESH:
        place = folder / f"{first.name}-{columns}"
        shutil.copytree(folder / "fresh", place)
    arguments = [known.get(each, each.replace("COLUMNS", str(columns))) for each in first.arguments]
    told = run(arguments, place, columns)
    return "".join(
        line
        for line in told.splitlines(keepends=True)
        if not plain(line).startswith(("whosaw: custody head ", "ledger: "))
    )


def _write_logs(folder: Path) -> None:
    for service in ("web", "crm"):
        (folder / "logs" / service).mkdir(parents=True)
    web, crm = [], []
    for number in range(1_500):
        at = _START + timedelta(seconds=number * 47)
        person = 10_000 + number * 7919 % 400
        web.append(
            f'203.0.113.{person % 200} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /customers/{person}/addresses HTTP/1.1" 200 512 '
            f'"-" "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0" "203.0.113.{person % 200}"\n'
        )
        if number % 3 == 0:
            told = {
                "when": f"{at + timedelta(hours=3):%Y-%m-%d %H:%M:%S}",
                "who": {"login": ("anna.k", "joon.p", "mina.s")[number % 9 // 3]},
                "req": {"method": "GET", "url": f"/crm/contacts/{10_000 + number % 400}"},
                "status": 200,
                "ip": f"192.0.2.{10 + number % 3}",
            }
            crm.append(json.dumps(told) + "\n")
    (folder / "logs" / "web" / "access.log").write_text("".join(web))
    (folder / "logs" / "crm" / "audit.jsonl").write_text("".join(crm))
    (folder / "context").mkdir()
    (folder / "context" / "staff.csv").write_text("staff,role\nanna.k,support\njoon.p,support\n")
    (folder / "context" / "canaries.csv").write_text("id\n10399\n")


def faults(told: str, wide: str, columns: int) -> Iterator[str]:
    """What is wrong with a screen of that width, held against the same without an edge: lines that are too long, numbers and words that are cut."""
    told, wide = (_ID.sub("", plain(text)) for text in (told, wide))
    for line in plain(told).splitlines():
        if cell_len(line) > columns and " " in line.strip():
            yield f"{cell_len(line)} columns of {columns}: {line!r}"
    numbers, every = ({*_NUMBER.findall(text), *_WORD.findall(text)} for text in (told, wide))
    for cut in sorted(each for each in numbers - every if each[0].isdigit()):
        yield f"no number of the wide screen: {cut}"
    for missing in sorted(every - numbers):
        if f"{missing}." in wide and any(each.startswith(missing) for each in numbers):
            continue  # short for what is told in full here
        yield f"missing or cut: {missing}"


def _run(arguments: Sequence[str], folder: Path, columns: int) -> str:
    around = console.environment(str(folder), in_tree=False)
    if "PYTHONPATH" in os.environ:
        around["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return printed([sys.executable, "-m", "whosaw", *arguments], folder, columns, around)


def main() -> int:
    out, *names = sys.argv[1:] or [""]
    unknown = set(names) - {"more"} - {each.name for each in (*FIRST, *MORE)}
    if out.startswith("-") or not out or unknown:
        print(__doc__, *([f"no such screen: {', '.join(sorted(unknown))}"] if unknown else []), sep="\n")
        return 2
    Path(out).mkdir(parents=True, exist_ok=True)
    wrong = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        prepare(folder, _run)
        chosen = (
            FIRST
            if not names
            else MORE
            if names == ["more"]
            else [each for each in (*FIRST, *MORE) if each.name in names]
        )
        for first in chosen:
            wide = shown(first, folder, WIDE, _run)
            for columns in WIDTHS:
                told = shown(first, folder, columns, _run)
                for fault in faults(told, wide, columns):
                    wrong += 1
                    print(f"{first.name} at {columns}: {fault}")
                typed = with_prompt(shlex.join(("whosaw", *first.arguments)), told)
                for scheme, name in ((LIGHT, "light"), (DARK, "dark")):
                    path = Path(out, f"{first.name}-{columns}-{name}.svg")
                    path.write_text(drawn(typed, scheme, title=first.name, columns=columns), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
