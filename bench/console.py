"""How fast the console answers, beside a bare page of the same framework: `python -m bench.console [--exposures N] [--requests N]`.

A small log is scanned and a case in it counted; then the ledger grows to the size of a nation (`bench.console_ledger`). `whosaw serve` and a bare
Litestar application that renders one template of 50 rows answer in turns, each in a process of its own, so that both meet the same machine. Then
50 pages that are open wait for findings that `whosaw watch` makes of one line each, and the console is asked 10,000 times to see
whether its memory grows. Writes docs/performance/console.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench.console_ledger import grow
from bench.make_log import write_log
from bench.run import ROOT, machine
from whosaw.app.asking.unended import WATCH_CAUGHT_UP
from whosaw.app.cases.making import make_version
from whosaw.app.console.accounts import accept, invite
from whosaw.app.console.gate import Role
from whosaw.app.gating.tokens import make_token
from whosaw.app.scan import scan
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.repositories.finding_ids import newest_name
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace, journal_of

__all__ = ["BARE", "Asked", "document", "ninety_fifth"]

RESULTS = ROOT / "docs" / "performance" / "console.json"
MAP = ROOT / "bench" / "shop_map.toml"
PASSWORD = "four words that differ"  # noqa: S105  # of nobody, on this machine
LIVE_MAP = (
    '[[route]]\nid = "addresses"\nmatch = { method = "GET", path = "/customers/{id}/addresses" }\n'
    'subject = { from = "path", name = "id" }\ncategories = ["identity.name"]\n'
)
BARE = """\
import sys
import uvicorn
from jinja2 import DictLoader, Environment
from litestar import Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig

PAGE = "<!doctype html><title>rows</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
ROWS = [[f"p{row}", "192.0.2.1", "identity.name", row, row + 1] for row in range(50)]

@get("/")
async def page() -> Template:
    return Template("page.html", context={"rows": ROWS})

environment = Environment(loader=DictLoader({"page.html": PAGE}), autoescape=True)
app = Litestar([page], template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment)), openapi_config=None)
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
"""
_LINES = 60_000  # of the log that is scanned
_COUNTED = {
    "exposures": "SELECT count(*) AS n FROM exposure_parts",
    "people": f"SELECT count(*) AS n FROM identities WHERE kind = {KINDS['person']}",
}
_TOKENS = 40  # each is answered 600 times a minute
_FOUND = 12  # lines that are worth a finding, one after another
_MOST_SECONDS = 180.0


class Asked:
    """Asks pages as somebody who is logged in, and the API as a program with many tokens."""

    def __init__(self, address: str, tokens: Sequence[str]) -> None:
        self.client = httpx.Client(base_url=address, timeout=_MOST_SECONDS, headers={"X-Nothing": "0"})
        self._tokens, self._turn = tokens, 0

    def log_in(self, name: str) -> None:
        page = self.client.get("/login").text
        (token,) = re.findall(r'name="_csrf_token" value="([^"]+)"', page)[:1]
        for path, form in (
            ("/login", {"name": name, "password": PASSWORD}),
            ("/purpose", {"purpose": "a measurement"}),
        ):
            answer = self.client.post(path, data={"_csrf_token": token, **form})
            if answer.status_code != 303:
                raise SystemExit(f"bench: {path} answered {answer.status_code}")

    def page(self, path: str) -> httpx.Response:
        return _well(self.client.get(path))

    def api(self, path: str) -> httpx.Response:
        self._turn += 1
        token = self._tokens[self._turn % len(self._tokens)]
        headers = {"Authorization": f"Bearer {token}", "whosaw-purpose": "a measurement"}
        return _well(self.client.get(f"/api/v1{path}", headers=headers))


def _well(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != 200:
        raise SystemExit(
            f"bench: {answer.request.url.path} answered {answer.status_code}: {answer.text[:200]}"
        )
    return answer


def ninety_fifth(times: Sequence[float]) -> float:
    """The 95th percentile, by the nearest rank."""
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


def ninety_ninth(times: Sequence[float]) -> float:
    """The 99th percentile, by the nearest rank."""
    return sorted(times)[max(0, -(-len(times) * 99 // 100) - 1)]


# -- what is served


def make_ledger(folder: Path, people: int, exposures: int) -> tuple[Path, dict[str, Any]]:
    """A workspace that was scanned, grown by so many people and exposures; version 2 of its case `bench` holds all of these people."""
    lines = _LINES
    log, root = folder / "access.log", folder / "ledger"
    write_log(log, lines, shape="exposures")
    scan([str(log)], root, now=datetime.now(UTC), map_path=MAP, threads=2)
    with log.open(encoding="utf-8") as text:
        agents = [line.rsplit('"', 2)[-2] for line, _ in zip(text, range(1_000), strict=False)]
    make_version(
        root, "bench", indicators=[f"agent={statistics.mode(agents)}"], every=True, now=datetime.now(UTC)
    )
    begun = time.perf_counter()
    grow(root, people=people, exposures=exposures, case="bench")
    took = round(time.perf_counter() - begun, 1)
    with closing(Workspace.open(root)) as workspace:
        reader = LedgerReader(workspace)
        found = {name: _rows(reader, sql) for name, sql in _COUNTED.items()}
        reader.close()
        size = sum(each.stat().st_size for each in workspace.files.root.glob("??/*"))
    return root, {"lines_scanned": lines, **found, "bytes": size, "grown_in_s": took}


def _rows(reader: LedgerReader, sql: str) -> int:
    return int(reader.session.query(sql)["n"][0].as_py())


def tokens_for(root: Path) -> list[str]:
    """Programs that may look, and one person who may log in."""
    now = datetime.now(UTC)
    with closing(journal_of(root)) as journal:
        journal.create()
        accept(
            journal,
            invite(journal, "kim", [Role.INVESTIGATOR, Role.OFFICER], by="a measurement", now=now),
            PASSWORD,
            now=now,
        )
        return [
            make_token(journal, f"bench-{number}", [Role.OFFICER], by="a measurement", now=now)[1]
            for number in range(_TOKENS)
        ]


@contextmanager
def served(root: Path) -> Iterator[tuple[str, int, float]]:
    """Address, process and seconds until it was open."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "whosaw", "serve", "-w", str(root), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        text = ""
        while not text.endswith("}\n"):
            text += process.stdout.readline() if process.stdout else ""
        address = str(json.loads(text)["address"])
        _until(lambda: httpx.get(f"{address}/healthz").text == "ok\n")
        try:
            yield address, process.pid, time.perf_counter() - begun
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


@contextmanager
def bare(folder: Path, port: int) -> Iterator[str]:
    """The address of the bare application."""
    program = folder / "bare.py"
    program.write_text(BARE, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(program), str(port)]) as process:
        address = f"http://127.0.0.1:{port}"
        _until(lambda: httpx.get(address).status_code == 200)
        try:
            yield address
        finally:
            process.terminate()
            process.wait()


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < end:
        try:
            if happened():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.005)
    raise SystemExit("bench: what was started does not answer")


# -- what is measured


def pages_of(root: Path, asked: Asked) -> dict[str, Callable[[], httpx.Response]]:
    """What is asked, by name."""
    first = asked.api("/cases/bench/versions/2/people?limit=50").json()
    person = first["items"][0]["person"]
    with closing(Workspace.open(root)) as workspace:
        sets = CaseStore(workspace).sets("bench", 2, ("held", "possible"))
        people = sets["held"] | sets["possible"]
    behind = people[max(0, len(people) - 51)]
    return {
        "people, first page of 50": lambda: asked.api("/cases/bench/versions/2/people?limit=50"),
        "people, last page of 50": lambda: asked.api(
            f"/cases/bench/versions/2/people?limit=50&after=p{behind}"
        ),
        "who saw a person": lambda: asked.page(f"/people/{person}"),
        "overview": lambda: asked.page("/"),
        "findings": lambda: asked.page("/findings"),
    }


def timed(questions: Mapping[str, Callable[[], httpx.Response]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each question, asked in turns."""
    times: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(rounds):
        for name, ask in questions.items():
            begun = time.perf_counter()
            ask()
            times[name].append(time.perf_counter() - begun)
    return times


def told(times: Mapping[str, Sequence[float]], beside: str) -> dict[str, Any]:
    """Median and 95th percentile in milliseconds, and how many times the bare page that is."""
    base, tail = statistics.median(times[beside]), ninety_fifth(times[beside])
    return {
        name: {
            "median_ms": round(statistics.median(each) * 1e3, 1),
            "p95_ms": round(ninety_fifth(each) * 1e3, 1),
            "times_bare_median": round(statistics.median(each) / base, 1),
            "times_bare_p95": round(ninety_fifth(each) / tail, 1),
        }
        for name, each in times.items()
    }


def memory(process: int, asked: Asked, requests: int) -> list[int]:
    """Resident megabytes before, and after each tenth of so many requests."""
    paths = ("/", "/findings", "/coverage", "/cases")
    found = [_resident(process)]
    for tenth in range(10):
        for number in range(requests // 10):
            asked.page(paths[(tenth + number) % len(paths)])
        found.append(_resident(process))
    return found


def _resident(process: int) -> int:
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", text)[0]) // 1024


class Reader(threading.Thread):
    """A page that is open: when it was told of each finding, by number."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(daemon=True)
        self._address, self._cookies = client.base_url, dict(client.cookies)
        self.open = threading.Event()
        self.told: dict[int, float] = {}

    def run(self) -> None:
        with (
            httpx.Client(base_url=self._address, cookies=self._cookies, timeout=10 * _MOST_SECONDS) as own,
            suppress(httpx.TransportError),  # the console ends
            own.stream("GET", "/events") as events,
        ):
            told: dict[str, str] = {}
            for line in events.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    told[name] = value
                    continue
                self.open.set()  # an event is over: in which order its lines came is the server's
                if told.get("event") == "finding":
                    self.told[int(told["id"])] = time.perf_counter()
                told = {}

    def when(self, finding: int) -> float | None:
        """When it was told of this finding or a later one first."""
        times = [at for number, at in dict(self.told).items() if number >= finding]
        return min(times, default=None)


def live(folder: Path, readers: int) -> dict[str, Any]:
    """Seconds from the write of a line that is worth a finding to each of so many pages that are open; on the way it stands in the ledger.
    The watch has read what was there before, and every page is open, before the first line is written."""
    logs, root = folder / "live", folder / "live-ledger"
    (logs / "context").mkdir(parents=True)
    (logs / "map.toml").write_text(LIVE_MAP, encoding="utf-8")
    canaries = "".join(f"{number}\n" for number in range(1, _FOUND + 1))
    (logs / "context" / "canaries.csv").write_text(f"id\n{canaries}", encoding="utf-8")
    log = logs / "access.log"
    log.write_text("".join(_line(100 + number) for number in range(200)), encoding="utf-8")
    how = ["--map", str(logs / "map.toml"), "--context", str(logs / "context")]
    scan([str(log)], root, now=datetime.now(UTC), map_path=logs / "map.toml", context=logs / "context")
    tokens = tokens_for(root)
    watching = [sys.executable, "-m", "whosaw", "watch", str(log), "-w", str(root), *how]
    kept: list[float] = []
    told: list[float] = []
    with (
        served(root) as (address, _, _),
        subprocess.Popen(watching, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as watch,
        closing(journal_of(root)) as journal,
    ):
        try:
            asked = Asked(address, tokens)
            asked.log_in("kim")
            pages = [Reader(asked.client) for _ in range(readers)]
            for each in pages:
                each.start()
            _until(lambda: all(each.open.is_set() for each in pages))
            _until(lambda: bool(journal.entries(WATCH_CAUGHT_UP)))
            for number in range(1, _FOUND + 1):
                time.sleep(1.0 + number * 0.37 % 1.0)  # at another moment of the watch's second each time
                next_one = newest_name(journal) + 1
                written = time.perf_counter()
                with log.open("a", encoding="utf-8") as text:
                    text.write(_line(number, f"another/{number}", f"198.51.100.{number}"))
                _until(lambda then=next_one: newest_name(journal) >= then)  # type: ignore[misc]
                kept.append(time.perf_counter() - written)
                _until(lambda then=next_one: all(each.when(then) is not None for each in pages))  # type: ignore[misc]
                told += [at - written for each in pages if (at := each.when(next_one)) is not None]
        finally:
            watch.send_signal(signal.SIGINT)
            watch.wait()
    return {
        "readers": readers,
        "findings": _FOUND,
        "in_ledger": {"median_s": round(statistics.median(kept), 2), "worst_s": round(max(kept), 2)},
        "median_s": round(statistics.median(told), 2),
        "p99_s": round(ninety_ninth(told), 2),
    }


def _line(customer: int, agent: str = "agent", address: str = "192.0.2.9") -> str:
    now = datetime.now(UTC)
    return f'{address} - - [{now:%d/%b/%Y:%H:%M:%S +0000}] "GET /customers/{customer}/addresses HTTP/1.1" 200 7 "-" "{agent}"\n'


def document(options: argparse.Namespace) -> dict[str, Any]:
    """All of it."""
    folder, rounds, requests, readers, port = (
        options.folder, options.rounds, options.requests, options.readers, options.port
    )  # fmt: skip
    root, counted = make_ledger(folder, options.people, options.exposures)
    tokens = tokens_for(root)
    with bare(folder, port) as plain, served(root) as (address, process, started):
        asked = Asked(address, tokens)
        asked.log_in("kim")
        beside = httpx.Client(base_url=plain)
        questions = {"a bare page": lambda: _well(beside.get("/")), **pages_of(root, asked)}
        timed(questions, 3)  # what is loaded at the first question
        pages = told(timed(questions, rounds), "a bare page")
        grown = memory(process, asked, requests)
    return {
        "machine": machine(),
        "ledger": counted,
        "rounds": rounds,
        "start_s": round(started, 2),
        "pages": pages,
        "live": live(folder, readers),
        "memory": {"requests": requests, "megabytes": grown},
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.console")
    parser.add_argument("--people", type=int, default=37_550_000)
    parser.add_argument("--exposures", type=int, default=100_000_000)
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--port", type=int, default=18_477, help="for the bare page")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "console")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    try:
        found = document(options)
    finally:
        shutil.rmtree(options.folder, ignore_errors=True)
    found["measured"] = f"at a load of {os.getloadavg()[0]:.1f}"
    options.results.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))
    print(f"load of the machine: {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
