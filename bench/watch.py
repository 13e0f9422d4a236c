"""From a line to a sink: `python -m bench.watch [--seconds 300] [--rate 10000]`.

A shop's log grows at a steady rate and is rotated each minute. Every other second another client begins to read one
customer after another; with its 500th it is worth a finding. Measured is the time from the write of that very line to
the arrival of the finding at a webhook on this machine. The writer, `whosaw watch` and the receiver share the machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.make_log import write_log

__all__ = ["Latency", "Received", "Receiver", "measure"]

ROOT = Path(__file__).resolve().parents[1]
MAP = ROOT / "bench" / "shop_map.toml"
WHOSAW = Path(sys.executable).parent / "whosaw"
SECRET = "bench-secret-of-more-than-24-bytes"  # noqa: S105  # of a receiver on this machine
PERSONS = 500  # the threshold of clause address-and-agent of persons-per-client, within an hour
PER_SECOND = 100  # views of one collector
STAGGER = 2.0  # seconds between the beginnings of two
TICK = 0.1
ROTATE = 60.0
_PATIENCE = 600.0  # seconds after which a finding counts as one that does not come


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One delivery: when, its id, whose agent it is about."""

    at: float
    key: str
    agent: str


class Receiver:
    """A webhook on this machine that answers 204 and remembers."""

    def __init__(self) -> None:
        received: list[Received] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                at = time.time()
                values = json.loads(body)["finding"]["actor"]["values"]
                received.append(Received(at=at, key=self.headers["webhook-id"], agent=str(values[-1])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        self.received = received
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds from line to sink. `missing`: collectors of which no finding came."""

    lines: int
    rate: float
    findings: int
    missing: int
    deliveries: int
    cores: float  # processor time of the watch, by the time it took
    load: float  # of the machine in the end, average of a minute
    median: float
    p99: float
    worst: float

    def as_json(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class _Traffic:
    """Lines of a shop, stamped anew, with collectors among them."""

    def __init__(self, base: Path, seconds: float) -> None:
        self._lines = self._base(base)
        self._beginnings = [
            n * STAGGER for n in range(int(max(0.0, seconds - PERSONS / PER_SECOND) / STAGGER))
        ]
        self._seen = [0] * len(self._beginnings)
        # in no order: a walk through numbers would be noticed long before its 500th person
        self._people = [
            random.Random(number).sample(range(5_000_000, 9_000_000), PERSONS + 20)  # noqa: S311  # no secret
            for number in range(len(self._beginnings))
        ]

    def _base(self, path: Path) -> Iterator[tuple[str, str]]:
        while True:
            with open(path, encoding="ascii") as handle:
                for line in handle:
                    head, _, rest = line.partition("[")
                    yield head, rest.partition("]")[2]

    def batch(self, count: int, elapsed: float) -> tuple[list[str], list[str]]:
        """So many lines, and the agents that reach the threshold in them."""
        stamp = datetime.now(UTC).strftime("[%d/%b/%Y:%H:%M:%S +0000]")
        lines: list[str] = []
        reached: list[str] = []
        for number, began in enumerate(self._beginnings):
            due = min(PERSONS + 20, int((elapsed - began) * PER_SECOND))
            for person in range(self._seen[number], due):
                agent = f"collector/{number}"
                lines.append(
                    f"198.51.{100 + number // 250}.{number % 250} - - {stamp} "
                    f'"GET /api/v2/customers/{self._people[number][person]}/addresses HTTP/1.1" 200 512 "-" "{agent}"\n'
                )
                if person + 1 == PERSONS:
                    reached.append(agent)
            self._seen[number] = max(self._seen[number], due)
        for _ in range(count - len(lines)):
            head, tail = next(self._lines)
            lines.append(f"{head}{stamp}{tail}")
        return lines, reached


def _write(traffic: _Traffic, log: Path, seconds: float, rate: int) -> tuple[int, dict[str, float]]:
    """Let the log grow; returns how many lines, and when each collector's decisive line was on disk for a reader."""
    written, times = 0, dict[str, float]()
    began = time.time()
    rotated = 0
    handle = open(log, "a", encoding="ascii")  # noqa: SIM115  # it is swapped at each rotation
    try:
        while (elapsed := time.time() - began) < seconds:
            due = int(elapsed * rate) - written
            lines, reached = traffic.batch(due, elapsed)
            handle.write("".join(lines))
            handle.flush()
            now = time.time()
            times.update(dict.fromkeys(reached, now))
            written += len(lines)
            if elapsed > (rotated + 1) * ROTATE:
                rotated += 1
                handle.close()
                for number in range(rotated - 1, 0, -1):
                    os.rename(f"{log}.{number}", f"{log}.{number + 1}")
                os.rename(log, f"{log}.1")
                handle = open(log, "a", encoding="ascii")  # noqa: SIM115
            time.sleep(max(0.0, TICK - (time.time() - began - elapsed)))
    finally:
        handle.close()
    return written, times


def measure(folder: Path, *, seconds: float, rate: int, before: int = 0) -> Latency:
    """Run it in `folder`, which must be new. `before`: lines that the ledger holds already."""
    folder.mkdir(parents=True)
    base = folder.parent / "watch-base.log"
    write_log(base, 500_000 if seconds > 60 else 50_000)
    logs = folder / "logs"
    logs.mkdir()
    log = logs / "access.log"
    log.touch()
    workspace = folder / "workspace"
    if before:
        old = folder / "old.log"
        write_log(old, before)
        scan = [str(WHOSAW), "scan", str(old), "-m", str(MAP), "-w", str(workspace), "--json"]
        subprocess.run(scan, check=True, stdout=subprocess.DEVNULL)
    traffic = _Traffic(base, seconds)
    log.write_text("".join(traffic.batch(1000, -1.0)[0]), encoding="ascii")
    receiver = Receiver()
    command = [str(WHOSAW), "watch", str(logs), "-m", str(MAP), "-w", str(workspace), "--to", receiver.url]
    with open(folder / "stderr", "w", encoding="utf-8") as told:
        process = subprocess.Popen(command, env={**os.environ, "WHOSAW_WEBHOOK_SECRET": SECRET}, stderr=told)
    started = time.time()
    try:
        time.sleep(2)
        written, times = _write(traffic, log, seconds, rate)
        deadline = time.time() + _PATIENCE
        while {each.agent for each in receiver.received} < set(times) and time.time() < deadline:
            if process.poll() is not None:
                raise SystemExit(
                    f"whosaw watch ended with {process.returncode}: {(folder / 'stderr').read_text()}"
                )
            time.sleep(0.2)
    finally:
        cores = _processor_time(process.pid) / max(1e-9, time.time() - started)
        process.send_signal(signal.SIGINT)
        process.wait(_PATIENCE)
        receiver.close()
    arrived: dict[str, float] = {}
    for each in receiver.received:
        arrived.setdefault(each.agent, each.at)
    waits = sorted(arrived[agent] - at for agent, at in times.items() if agent in arrived)
    took = waits or [math.inf]  # where no finding came, it took for ever
    return Latency(
        lines=written,
        rate=written / seconds,
        findings=len(waits),
        missing=len(times) - len(waits),
        deliveries=len(receiver.received),
        cores=round(cores, 2),
        load=os.getloadavg()[0],
        median=took[len(took) // 2],
        p99=took[min(len(took) - 1, int(len(took) * 0.99))],
        worst=took[-1],
    )


def _processor_time(pid: int) -> float:
    """Seconds that a process has used so far, all threads; 0 once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.watch")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--rate", type=int, default=10_000, help="lines a second")
    parser.add_argument("--before", type=int, default=0, help="lines that the ledger holds already")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".build" / "bench" / "watch", help="must be new"
    )
    asked = parser.parse_args()
    result = measure(asked.folder, seconds=asked.seconds, rate=asked.rate, before=asked.before)
    print(json.dumps(result.as_json(), indent=2))
    if result.missing or result.p99 >= 5:
        raise SystemExit("the promise is broken: every finding within 5 s at the 99th percentile")


if __name__ == "__main__":
    main()
