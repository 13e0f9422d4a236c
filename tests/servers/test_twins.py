"""nginx in front of an application, each with its log of the same requests: one request is one view, of a client of whom nginx
says where he is and the application who he is."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.e2e.command import whosaw_json
from tests.e2e.nginx import NGINX, nginx
from tests.e2e.servers import free_port
from tests.servers.machine import APPS, PYTHON, Machine, run, up
from tests.servers.test_spellings import there
from tests.waiting import HANG

from whosaw.app.asking.questions import open_ledger

pytestmark = pytest.mark.slow

_BESIDE = """\
    proxy_cache_path {folder}/cache keys_zone=pages:1m;
    log_format with_id '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rid=$request_id';"""
_SERVER = """\
        proxy_set_header X-Request-Id $request_id;
        proxy_set_header X-Real-IP $remote_addr;
        location / {{ proxy_pass http://127.0.0.1:{inner}; }}
        location = /customers/40 {{
            proxy_cache pages;
            proxy_cache_valid 200 10m;
            proxy_pass http://127.0.0.1:{inner};
        }}"""
_MAP = """\
[[twins]]
sources = ["edge.log", "app.log"]
{by}

[[route]]
id = "customer"
match = {{ path = "/customers/{{id}}" }}
subject = {{ from = "path", name = "id" }}
categories = ["identity.name", "contact.address"]
"""
_ANNA, _BEN, _GUEST = "127.0.0.2", "127.0.0.3", "127.0.0.4"  # clients of loopback
# by the books of the visits below: pages that were answered, those that nginx had in its cache, those that did not pass nginx
_SERVED, _CACHED, _PAST = 48, 4, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the lines of one request are known for it, and what the application writes down for where a request came from."""

    declared: str
    address: str
    possible: int  # views of which it cannot be told whether they have a twin


WAYS = {
    "request id": Way(declared='by = "request_id"', address="%(h)s", possible=0),
    # of the page in the cache nginx has five lines, the application one: which of the five it is cannot be told
    "client, path and time": Way(
        declared='by = "client-path-time"\nwithin = "1m"', address="%({x-real-ip}i)s", possible=1
    ),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that workers of another user can reach, too."""
    with TemporaryDirectory(prefix="whosaw-twins-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_one_request_is_one_view(way: Way, folder: Path) -> None:
    inner = free_port()

    def start(stack: ExitStack, folder: Path, port: int) -> None:
        _gunicorn(stack, folder, inner, way.address)
        server, beside = _SERVER.format(inner=inner), _BESIDE.format(folder=folder)
        # one worker, which has put a page into the cache before it takes the next request
        stack.enter_context(nginx(folder, port, server, beside=beside, log="edge.log with_id", workers=1))

    machine = Machine(name="nginx before gunicorn", says=str, start=start, needs=[NGINX, PYTHON / "gunicorn"])
    with up(there(machine), folder) as port:
        _visits(port, inner)
    (folder / "map.toml").write_text(_MAP.format(by=way.declared))
    ledger = folder / "ledger"
    told = whosaw_json(
        "scan", folder / "edge.log", folder / "app.log", "-m", folder / "map.toml", "-w", ledger
    )
    (twins,) = told["twins"]
    assert twins["wrong"] is None
    assert (twins["joined"] + twins["possible"], twins["possible"]) == (
        _SERVED - _CACHED - _PAST,
        way.possible,
    )
    assert twins["alone"] == [_CACHED, _PAST]
    # anna is known to nginx by her address and to the application by her name; both are of her views
    by_address, by_name = (whosaw_json("what", who, "-w", ledger) for who in (_ANNA, "anna"))
    for what in (by_address, by_name):
        assert [(each["lower"], each["upper"]) for each in what["counts"]] == [(20, 20)] * 3
        assert len(what["witnesses"]) == 20
    ben = whosaw_json("what", _BEN, "-w", ledger)["counts"]
    assert [(each["lower"], each["upper"]) for each in ben] == [(20, 20), (10, 10), (10, 10)]
    guest = whosaw_json("who", 40, "-w", ledger)["views"]
    assert guest["lower"] <= 5 <= guest["upper"] <= 5 + way.possible
    with closing(open_ledger(ledger, now=datetime(2026, 1, 1, tzinfo=UTC))) as opened:
        (row,) = opened.reader.session.query(
            "SELECT count(DISTINCT (content, line)) FILTER (unsure = 0) AS sure, count(DISTINCT (content, line)) AS every FROM views WHERE NOT duplicate"
        ).to_pylist()
    assert row == {"sure": _SERVED, "every": _SERVED + way.possible}


def _gunicorn(stack: ExitStack, folder: Path, port: int, address: str) -> None:
    run(
        stack, folder, port, "gunicorn", PYTHON / "gunicorn", "--chdir", APPS, "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", 1, "--threads", 8, "--log-level", "critical", "--no-control-socket",
        "--access-logfile", folder / "app.log", "--access-logformat",
        f'{address} - %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "-" rid=%({{x-request-id}}i)s', "flask_app:app",
    )  # fmt: skip


def _visits(port: int, inner: int) -> None:
    _get(port, _ANNA, range(1, 21), user="anna")
    _get(port, _BEN, [each for one in range(21, 31) for each in (one, one)], user="ben")
    _get(port, _GUEST, [40] * 5)
    _get(port, _GUEST, [5000, 5001], status=404)
    _get(inner, "127.0.0.5", range(31, 34), user="carl")


def _get(
    port: int, address: str, customers: Iterable[int], *, user: str | None = None, status: int = 200
) -> None:
    headers = (
        {"Authorization": "Basic " + base64.b64encode(f"{user}:secret".encode()).decode()} if user else {}
    )
    for customer in customers:
        with closing(
            http.client.HTTPConnection("127.0.0.1", port, timeout=HANG, source_address=(address, 0))
        ) as line:
            line.request("GET", f"/customers/{customer}", headers=headers)
            assert line.getresponse().status == status
