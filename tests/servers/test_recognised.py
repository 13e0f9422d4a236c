"""The log that a real server wrote is recognised without a word of the user, bare and in the log of a container."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.servers.machine import missing, up
from tests.servers.machines import MACHINES
from tests.servers.test_spellings import there
from tests.waiting import HANG

from whosaw.app.scan import ScanReport, scan

pytestmark = pytest.mark.slow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FORMATS = {
    "nginx, files": "combined",
    "Apache, files": "combined",
    "lighttpd, files": "lighttpd",
    "Caddy, files": "caddy",
    "Caddy, matchers": "caddy",
}
MANY = 40


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that workers of another user can reach, too."""
    with TemporaryDirectory(prefix="whosaw-servers-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def asked(port: int) -> None:
    """Pages that are there and that are not, with a query, a name, and agents that have to be escaped."""
    for number in range(MANY):
        path = ["/my/info", f"/customers/{number % 40 + 1}?tab={number}", "/nothing/here", "/my/info#x"][
            number % 4
        ]
        headers = {"User-Agent": ["Firefox/136.0", 'a "quoted" one', "tab\\x09 and back\\slash"][number % 3]}
        if number % 5 == 0:
            headers["Authorization"] = "Basic " + base64.b64encode(b"4711:x").decode()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG)
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()
        connection.close()


def recognised(log: Path, root: Path) -> ScanReport:
    report = scan([str(log)], root, now=NOW)
    (content,) = report.contents
    assert (content.events, content.rejects) == (MANY, 0)
    assert (content.says.where, content.says.what) == (MANY, MANY)
    assert not content.time_only
    return report


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_log_of_a_server_is_recognised(name: str, folder: Path) -> None:
    machine = MACHINES[name]
    if name not in ("nginx, files", "Apache, files") and missing(machine):
        pytest.skip(f"{name} is not here")
    with up(there(machine), folder) as port:
        asked(port)
    log = folder / "access.log"
    lines = log.read_text(encoding="utf-8").splitlines()
    assert recognised(log, folder / "bare").contents[0].format == FORMATS[name]
    pods = folder / "pod.log"
    pods.write_text("".join(f"2025-11-24T10:00:00.5Z stdout F {line}\n" for line in lines), encoding="utf-8")
    assert recognised(pods, folder / "cri").contents[0].format == f"cri:{FORMATS[name]}"
    entries = [{"log": f"{line}\n", "stream": "stdout", "time": "2025-11-24T10:00:00.5Z"} for line in lines]
    boxes = folder / "box-json.log"
    boxes.write_text(
        "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in entries), encoding="utf-8"
    )
    assert recognised(boxes, folder / "docker").contents[0].format == f"docker:{FORMATS[name]}"
