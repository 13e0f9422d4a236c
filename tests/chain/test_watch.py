"""`whosaw watch` as people run it: follows, tells once, survives being killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests import moments
from tests.chain.fake_kafka import Broker, Place
from tests.chain.shop_log import ledger_facts
from tests.moments import Moment
from tests.waiting import HANG, wait_until

from whosaw.alert import Secrets, Sink, open_sinks
from whosaw.app.scan import scan
from whosaw.app.watch import WatchReport, watch
from whosaw.core.errors import WhosawError
from whosaw.ingest.files.kafka_spool import KafkaSpool
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace

WHOSAW = str(Path(sys.executable).parent / "whosaw")
WIDE = bool(os.environ.get("WHOSAW_WIDE"))
KILLS, ROUNDS = (20, 5) if WIDE else (6, 1)
LEAST = (
    60  # as often at least a watch that reads something new does something with the files of its workspace
)
SECRET = "0123456789abcdef01234567"
START = datetime(2025, 4, 14, tzinfo=UTC)
NOW = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)
ENOUGH = 500  # persons within an hour through one address and agent: clause address-and-agent


def views(actor: int, count: int, *, number: int = 0, slot: int = 0) -> list[str]:
    """Lines of one client that reads one customer after another, two a second from slot `slot` on."""
    lines = []
    for at in range(count):
        shown = (START + timedelta(seconds=(slot + at) / 2)).strftime("%d/%b/%Y:%H:%M:%S +0000")
        person = actor * 10_000 + number + at
        lines.append(f'192.0.2.{actor} - - [{shown}] "GET /customers/{person}/addresses HTTP/1.1" 200 7 "-" "agent/{actor}"\n')  # fmt: skip
    return lines


def run(
    root: Path,
    map_file: Path,
    *paths: Path,
    to: str = "stdout",
    stop: threading.Event | None = None,
    **how: object,
) -> WatchReport:
    def clock() -> datetime:
        return datetime.now(UTC)  # of sending alone: nothing that is asserted depends on it

    sinks: list[Sink] = open_sinks([to], secrets=Secrets(webhook=SECRET), clock=clock, host="host")
    return watch(
        [str(path) for path in paths],
        root,
        sinks=sinks,
        clock=clock,
        stop=stop or threading.Event(),
        map_path=map_file,
        **how,  # type: ignore[arg-type]  # passed through
    )


def alerts(path: Path) -> list[str]:
    return [json.loads(line)["alert"] for line in path.read_text().splitlines()]


def test_one_round_tells_what_a_scan_finds(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    log, out = tmp_path / "access.log", tmp_path / "out"
    log.write_text("".join(views(1, ENOUGH) + views(2, ENOUGH - 1)))
    console = "https://whosaw.example.org"
    report = run(new_root("watched"), map_file, log, to=f"file:{out}", once=True, console=f"{console}/")
    scanned = scan([str(log)], new_root("scanned"), now=NOW, map_path=map_file)
    assert alerts(out) == [f"{finding.id}/2" for finding in scanned.findings]
    assert [json.loads(line)["page"] for line in out.read_text().splitlines()] == [
        f"{console}/findings/{finding.id}" for finding in scanned.findings
    ]
    assert (report.lines, report.told) == (2 * ENOUGH - 1, 1)
    assert ledger_facts(tmp_path / "watched") == ledger_facts(tmp_path / "scanned")


@pytest.mark.parametrize(
    "address",
    ["whosaw.example.org", "ftp://whosaw.example.org", "https://", "https://ann:secret@whosaw.example.org", "https://whosaw.example.org/?a",
     "https://whosaw.example.org/deep", "https://whosaw.example.org:x", "https://a.example\n.org", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_address_of_a_console_is_refused_before_anything_is_read(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], address: str
) -> None:
    root = new_root("watched")
    before = sorted(root.rglob("*"))
    with pytest.raises(WhosawError) as refused:
        run(root, map_file, tmp_path / "access.log", once=True, console=address)
    assert refused.value.code == "watch.console"
    assert "secret" not in str(refused.value)
    assert sorted(root.rglob("*")) == before


def test_a_second_round_tells_nothing_twice(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    log, out, root = tmp_path / "access.log", tmp_path / "out", new_root("watched")
    log.write_text("".join(views(1, ENOUGH)))
    for _ in range(2):
        run(root, map_file, log, to=f"file:{out}", once=True)
    assert len(alerts(out)) == 1


def test_growth_and_joining_are_updates_of_the_thread_told_first(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    log, out, root = tmp_path / "access.log", tmp_path / "out", new_root("watched")

    def once() -> list[dict[str, object]]:
        run(root, map_file, log, to=f"file:{out}", once=True)
        return [json.loads(line) for line in out.read_text().splitlines()]

    log.write_text("".join(views(1, ENOUGH)))
    (first,) = once()
    with open(log, "a") as handle:
        handle.writelines(views(2, ENOUGH, slot=2_000))
    second = once()[1]
    assert [each["news"] for each in (first, second)] == ["new", "new"]
    # then one account reads more through both, most of what either reads
    with open(log, "a") as handle:
        for actor in (1, 2):
            more = views(actor, 2 * ENOUGH, number=ENOUGH, slot=4_000 * actor)
            handle.writelines(line.replace(" - - [", " - u17 [") for line in more)
    told = once()
    assert [each["alert"] for each in told[2:]] == [f"{first['thread']}/3.1"]
    assert (told[2]["news"], told[2]["joined"]) == ("update", [second["thread"]])
    assert len(once()) == 3, "a restart tells nothing again"
    workspace = Workspace.open(root)
    try:
        (finding,) = stored_findings(workspace.journal)
    finally:
        workspace.close()
    assert (finding.id, finding.parts) == (first["thread"], (second["thread"],))


def test_what_an_earlier_scan_found_is_told(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    log, out, root = tmp_path / "access.log", tmp_path / "out", new_root("watched")
    log.write_text("".join(views(1, ENOUGH)))
    scan([str(log)], root, now=NOW, map_path=map_file)
    run(root, map_file, log, to=f"file:{out}", once=True)
    assert len(alerts(out)) == 1


def test_a_topic_is_read_as_a_log_is(tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]) -> None:
    out, root = tmp_path / "out", new_root("watched")
    lines = [line.encode() for line in views(1, ENOUGH)]
    broker = Broker({0: list(lines[:-1])})

    def once() -> WatchReport:
        return run(
            root, map_file, "kafka://kafka.example.org/access", to=f"file:{out}", once=True,
            make_spool=partial(KafkaSpool, make=broker.consumer, place=Place),
        )  # fmt: skip

    assert (once().lines, out.exists()) == (ENOUGH - 1, False)
    broker.partitions[0].append(lines[-1])
    assert (once().lines, len(alerts(out))) == (1, 1)
    assert (once().lines, len(alerts(out))) == (0, 1)


class Following:
    """A watch in a thread of this process."""

    def __init__(
        self,
        root: Path,
        map_file: Path,
        *paths: Path,
        to: str,
        full_every: float = 3600,
        context: Path | None = None,
    ) -> None:
        self.stop = threading.Event()
        self.said: list[str] = []
        self.fault: BaseException | None = None

        def work() -> None:
            try:
                run(root, map_file, *paths, to=to, stop=self.stop, told=self.said.append, every=0.05, full_every=full_every, context=context)  # fmt: skip
            except BaseException as fault:  # noqa: BLE001  # shown by the test
                self.fault = fault

        self._thread = threading.Thread(target=work)
        self._thread.start()

    def end(self) -> None:
        self.stop.set()
        self._thread.join(HANG)
        assert not self._thread.is_alive(), "the watch does not end"
        assert self.fault is None


def test_a_finding_comes_while_the_log_grows_and_is_in_the_ledger(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    log, out, root = tmp_path / "access.log", tmp_path / "out", new_root("watched")
    lines = views(1, ENOUGH)
    log.write_text("".join(lines[:-1]))
    following = Following(root, map_file, log, to=f"file:{out}")
    try:
        wait_until((root / "whosaw-workspace.json").exists)
        with open(log, "a") as handle:
            handle.write(lines[-1])
        wait_until(lambda: out.exists() and len(alerts(out)) == 1)
    finally:
        following.end()
    told = json.loads(out.read_text())["finding"]
    workspace = Workspace.open(root)
    try:
        assert [each.id for each in stored_findings(workspace.journal)] == [told["id"]]
        assert workspace.journal.broken_at() is None
    finally:
        workspace.close()


def test_a_context_that_is_written_badly_is_waited_for(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    log, out, context = tmp_path / "access.log", tmp_path / "out", tmp_path / "context"
    context.mkdir()
    planted = context / "canaries.csv"
    planted.write_text("id\n19999\n")
    log.write_text("".join(views(1, 3)))
    following = Following(
        new_root("watched"), map_file, log, to=f"file:{out}", full_every=0.1, context=context
    )
    try:
        wait_until((tmp_path / "watched" / "whosaw-workspace.json").exists)
        planted.write_text("")
        with open(log, "a") as handle:
            handle.writelines(views(2, 1))
        wait_until(
            lambda: (
                any("context folder cannot be taken" in each for each in following.said)
                or following.fault is not None
            )
        )
        assert following.fault is None
        planted.write_text("id\n20000\n")  # the person whom client 2 has seen
        wait_until(lambda: out.exists() and len(alerts(out)) == 1)
    finally:
        following.end()
    assert json.loads(out.read_text())["finding"]["detector"] == "canary-hit"


class Receiver(ThreadingHTTPServer):
    """Counts deliveries by id; down when it is told to be."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: Counter[str] = Counter()
        self.down = False
        self.refused = 0


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.server.down:
            self.server.refused += 1
        else:
            self.server.got[self.headers["webhook-id"]] += 1
        self.send_response(503 if self.server.down else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_webhook_that_is_down_gets_it_later(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], receiver: Receiver
) -> None:
    log, root = tmp_path / "access.log", new_root("watched")
    log.write_text("".join(views(1, ENOUGH)))
    receiver.down = True
    following = Following(root, map_file, log, to=f"http://127.0.0.1:{receiver.server_port}/")
    try:
        wait_until(lambda: receiver.refused > 0)
        receiver.down = False
        wait_until(lambda: bool(receiver.got))
    finally:
        following.end()
    assert list(receiver.got.values()) == [1]


def begin(
    root: Path, map_file: Path, logs: Path, out: Path, receiver: Receiver, *, at: Moment | None = None
) -> subprocess.Popen[str]:
    return moments.begin(
        "watch", logs, "-m", map_file, "-w", root, "--every", "0.1", "--full-every", "1",
        "--to", f"file:{out}", "--to", f"http://127.0.0.1:{receiver.server_port}/",
        at=at, inside=root, env={"WHOSAW_WEBHOOK_SECRET": SECRET},
    )  # fmt: skip


def test_ctrl_c_ends_it_with_a_summary(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], receiver: Receiver
) -> None:
    logs, out = tmp_path / "logs", tmp_path / "out"
    logs.mkdir()
    (logs / "access.log").write_text("".join(views(1, ENOUGH)))
    process = begin(new_root("watched"), map_file, logs, out, receiver)
    wait_until(lambda: bool(receiver.got))
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=HANG)
    assert process.returncode == 130
    assert f"whosaw: {ENOUGH} lines read, 0 of them rejects; 1 alerts made" in told
    assert f"whosaw: file:{out}: 1 sent in all" in told


def test_a_workspace_that_is_watched_is_busy(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], receiver: Receiver
) -> None:
    logs, root = tmp_path / "logs", new_root("watched")
    logs.mkdir()
    (logs / "access.log").write_text("".join(views(1, ENOUGH)))
    process = begin(root, map_file, logs, tmp_path / "out", receiver)
    try:
        wait_until(lambda: bool(receiver.got))
        done = subprocess.run([WHOSAW, "scan", str(logs), "-w", str(root)], capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 2
        assert "another scan is writing" in done.stderr
        shown = subprocess.run([WHOSAW, "findings", "--json", "-w", str(root)], capture_output=True, text=True, check=False)  # fmt: skip
        assert [f"{each['id']}/2" for each in json.loads(shown.stdout)["findings"]] == list(receiver.got)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_many_kills_and_the_same_findings_once_each(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], receiver: Receiver, turn: int
) -> None:
    logs, out, root = tmp_path / "logs", tmp_path / "out", new_root("killed")
    logs.mkdir()
    log = logs / "access.log"
    log.touch()
    dice = random.Random(20251117 + turn)
    # thirty clients, one after another, so that some reach the threshold in every part of the log
    slots = sorted(
        (actor * 150 + number, actor, number) for actor in range(30) for number in range(ENOUGH + 40)
    )
    text = "".join(
        line for slot, actor, number in slots for line in views(actor, 1, number=number, slot=slot)
    )
    written = 0
    for kill in range(KILLS):
        # each part holds views of somebody new, so that each watch reads, indexes and looks for findings
        at = Moment(signal=signal.SIGKILL, number=dice.randint(1, LEAST), spread=0.3)
        process = begin(root, map_file, logs, out, receiver, at=at)
        upto = len(text) * (kill + 1) // KILLS  # mostly in the midst of a line
        with open(log, "a") as handle:
            handle.write(text[written:upto])
        written = upto
        if kill == KILLS // 2:
            end = text.index("\n", written) + 1  # a server ends its line before it turns to the next file
            with open(log, "a") as handle:
                handle.write(text[written:end])
            written = end
            log.rename(logs / "access.log.1")
            log.touch()
        _, told = process.communicate(timeout=HANG)
        assert process.returncode == -signal.SIGKILL, told
    command = [
        WHOSAW, "watch", str(logs), "-m", str(map_file), "-w", str(root), "--once",
        "--to", f"file:{out}", "--to", f"http://127.0.0.1:{receiver.server_port}/",
    ]  # fmt: skip
    subprocess.run(
        command, check=True, env={**os.environ, "WHOSAW_WEBHOOK_SECRET": SECRET}, capture_output=True
    )
    calm = new_root("calm")
    found = scan([str(logs)], calm, now=NOW, map_path=map_file)
    expected = sorted(f"{finding.id}/2" for finding in found.findings)
    assert len(expected) == 30
    assert sorted(alerts(out)) == expected, "a file gets each line exactly once"
    assert sorted(receiver.got) == expected, "a webhook gets each id, and may be asked again after a kill"
    assert receiver.got.total() <= len(expected) + KILLS
    assert ledger_facts(root) == ledger_facts(calm)
