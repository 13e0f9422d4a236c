"""Plants account swaps in a real log that nobody here wrote and writes docs/performance/swaps.json:
`python -m bench.swaps [--data FOLDER] [--label now] [--by-days]`.

The log is that of a public site. Its times, addresses, user agents, pages and answers are real; accounts are not in it, so
each user agent at an address is taken for a customer with an account, and each of its visits for a session. From some instant on a *thief*, one
of the real clients, goes on under the sessions of other accounts, in turn: how many is what is varied. What a row says is how
many thieves a finding names, and how many findings name nobody's theft, for each million views. All is derived from a seed.
There is no time in the results. What was measured before a change stays under its label; `--by-days` asks the steps of days.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from whosaw.app.scan import scan
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["DATA", "RESULTS", "Planted", "Swaps", "measured", "planted"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "swaps.json"
DATA = Path(os.environ.get("WHOSAW_TEST_DATA", ROOT.parent / "shared" / "data"))
LOG: Final = "elastic_examples/semicomplete_apache_access.log"
TAKEN: Final = (0, 1, 3, 10, 30)  # accounts for each thief; 0 plants nothing
CONTEXTS: Final = ("none", "logins")
THIEVES: Final = 3  # in each log
SEEDS: Final = (1, 2)
PAUSE: Final = timedelta(minutes=30)  # ends a visit, and with it a session
_NOW: Final = datetime(2025, 11, 17, tzinfo=UTC)
_LINE: Final = re.compile(r'(?P<address>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] (?P<rest>".*")\s*')
_DEPTHS: Final = 6
_MAP: Final = "".join(
    f'\n[[route]]\nid = "depth-{depth}"\nmatch = {{ path = "{"".join(f"/{{p{at}}}" for at in range(depth)) or "/"}" }}\n'
    'subject = { from = "principal" }\ncategories = ["behaviour.search"]\n'
    for depth in range(_DEPTHS + 1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swaps:
    """One row: what was planted, how much of it findings name, and how many findings name nothing of it."""

    context: str
    taken: int
    logs: int
    views: int
    thieves: int
    thieves_found: int  # of whose lines a finding counts at least half
    lines: int  # that thieves sent under accounts that they took
    lines_found: int
    findings: int
    findings_false: int  # of whose lines more than half are nobody's theft
    false_per_million_views: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A log with its logins, and its truth: by thief, on which lines (from 1) it went under another's session."""

    lines: Sequence[str]
    logins: Sequence[Mapping[str, str]]
    thefts: Sequence[frozenset[int]]


@dataclass(slots=True, kw_only=True)
class _Request:
    address: str
    client: str  # address and user agent
    at: datetime
    time: str
    rest: str
    account: str
    session: str


def planted(log: Sequence[str], *, taken: int, seed: int) -> Planted:
    """The real log with an account and a session on each line, and `THIEVES` that take so many accounts each."""
    requests = [_request(match) for line in log if (match := _LINE.fullmatch(line))]
    order = sorted({each.client for each in requests}, key=lambda client: _digest(seed, client))
    account = {client: f"c{at}" for at, client in enumerate(order, start=1001)}
    latest: dict[str, datetime] = {}
    begun: dict[str, list[tuple[datetime, str]]] = defaultdict(list)  # by account: when each session began
    logins = []
    for each in requests:
        each.account = account[each.client]
        if each.client not in latest or each.at - latest[each.client] > PAUSE:
            session = _digest(seed, f"{each.client} {len(begun[each.account])}")[:16]
            begun[each.account].append((each.at, session))
            issued = (each.at - timedelta(seconds=1)).isoformat()
            logins.append(
                {"time": issued, "subject": each.account, "session": session, "address": each.address}
            )
        latest[each.client] = max(each.at, latest.get(each.client, each.at))
        each.session = begun[each.account][-1][1]
    thefts = _steal(requests, begun, taken, random.Random(f"{seed} {taken}")) if taken else ()  # noqa: S311 - what is drawn is no secret
    return Planted(
        lines=[
            f"{each.address} - - [{each.time}] {each.rest} sub={each.account} sid={each.session}\n"
            for each in requests
        ],
        logins=logins,
        thefts=thefts,
    )


def _request(match: re.Match[str]) -> _Request:
    at = datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S %z")
    agent = match["rest"].rsplit('"', 2)[1]
    return _Request(
        address=match["address"], client=f"{match['address']} {agent}", at=at, time=match["time"], rest=match["rest"],
        account="", session="",
    )  # fmt: skip


def _digest(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed} {text}".encode()).hexdigest()


def _steal(
    requests: Sequence[_Request],
    begun: Mapping[str, Sequence[tuple[datetime, str]]],
    taken: int,
    chance: random.Random,
) -> list[frozenset[int]]:
    """Let thieves go on under other accounts from the middle of their own requests on."""
    lines: dict[str, list[int]] = defaultdict(list)
    for line, each in enumerate(requests, start=1):
        lines[each.account].append(line)
    able = sorted(each for each, mine in lines.items() if len(mine) // 2 >= max(taken, 10))
    thefts = []
    for thief in chance.sample(able, THIEVES):
        mine = lines[thief][len(lines[thief]) // 2 :]
        since = requests[mine[0] - 1].at
        victims = sorted(each for each, sessions in begun.items() if each != thief and sessions[0][0] < since)
        chosen = chance.sample(victims, taken)
        for turn, line in enumerate(mine):
            request = requests[line - 1]
            victim = chosen[turn % taken]
            request.account = victim
            request.session = [session for at, session in begun[victim] if at <= request.at][-1]
        thefts.append(frozenset(mine))
    return thefts


def measured(
    log: Sequence[str],
    folder: Path,
    *,
    taken: int,
    context: str,
    seeds: Sequence[int],
) -> Swaps:
    """Plant, scan and compare, a log for each seed; `folder` must be empty."""
    sums: dict[str, int] = defaultdict(int)
    for seed in seeds:
        made = planted(log, taken=taken, seed=seed)
        for name, number in _scanned(made, folder / f"{seed}", context=context).items():
            sums[name] += number
    return Swaps(
        context=context, taken=taken, logs=len(seeds),
        **{name: sums[name] for name in ("views", "thieves", "thieves_found", "lines", "lines_found", "findings", "findings_false")},
        false_per_million_views=round(sums["findings_false"] * 1_000_000 / sums["views"], 1),
    )  # fmt: skip


def _scanned(made: Planted, folder: Path, *, context: str) -> dict[str, int]:
    folder.mkdir(parents=True)
    path, data_map, given = folder / "access.log", folder / "map.toml", folder / "context"
    path.write_text("".join(made.lines), encoding="utf-8")
    data_map.write_text(_MAP, encoding="utf-8")
    given.mkdir()
    if context == "logins":
        with (given / "logins.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, ("time", "subject", "session", "address"))
            writer.writeheader()
            writer.writerows(made.logins)
    root, said = folder / "ledger", given if context == "logins" else None
    report = scan([str(path)], root, now=_NOW, map_path=data_map, context=said)
    found = _lines_of_findings(root)
    stolen = frozenset().union(*made.thefts)
    everything = frozenset().union(*found.values())
    return {
        "views": sum(source.views for source in report.coverage),
        "thieves": len(made.thefts),
        "thieves_found": sum(
            any(2 * len(each & mine) >= len(each) for mine in found.values()) for each in made.thefts
        ),
        "lines": len(stolen),
        "lines_found": len(stolen & everything),
        "findings": len(found),
        "findings_false": sum(2 * len(mine & stolen) < len(mine) for mine in found.values()),
    }


def _lines_of_findings(root: Path) -> dict[str, frozenset[int]]:
    """By finding the lines that it counts."""
    with closing(Workspace.open(root)) as workspace, closing(LedgerReader(workspace)) as reader:
        return _lines_of(reader.session.query("SELECT finding, line FROM counted"))


def _lines_of(counted: pa.Table) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for finding, line in zip(counted["finding"].to_pylist(), counted["line"].to_pylist(), strict=True):
        found[finding].add(line)
    return {finding: frozenset(lines) for finding, lines in found.items()}


def kept(results: Path) -> dict[str, list[dict[str, Any]]]:
    """What was measured under each label."""
    return json.loads(results.read_text(encoding="utf-8")) if results.is_file() else {}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.swaps")
    parser.add_argument("--data", type=Path, default=DATA, help="where the real logs are")
    parser.add_argument("--label", default="by days", help="under which name the rows are kept")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    if not (options.data / LOG).is_file():
        parser.error(f"there is no file {options.data / LOG}")
    log = (options.data / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    rows = []
    for context in CONTEXTS:
        for taken in TAKEN:
            with tempfile.TemporaryDirectory(prefix="whosaw-swaps-") as folder:
                row = measured(log, Path(folder), taken=taken, context=context, seeds=SEEDS)
            print(row, flush=True)
            rows.append(asdict(row))
    whole = {**kept(options.results), options.label: rows}
    options.results.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
