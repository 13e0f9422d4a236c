"""The bench itself can fail: what it sends is what its grammar says, and what escapes is seen."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.draft import Draft
from tests.servers.fuzz import joined
from tests.servers.judge import read_log
from tests.servers.spellings import FAMILIES, Grammar
from tests.servers.wire import Answer, address, number, send_all

_TIME = "[27/Nov/2025:10:00:00 +0000]"


def test_a_seed_gives_the_same_spellings() -> None:
    def sent(seed: int) -> list[bytes]:
        grammar = Grammar(seed)
        drafts = grammar.fresh(300)
        return [draft.request() for draft in drafts + grammar.further(drafts[:9], 300)]

    assert sent(7) == sent(7)
    assert sent(7) != sent(8)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_turns_every_page(family: str) -> None:
    grammar = Grammar(3)
    _, turn = FAMILIES[family]
    for page in grammar.pages:
        plain = next(draft for draft in iter(grammar.plain, None) if draft.page == page)
        turned = {turn(grammar._dice, plain).request() for _ in range(200)}
        assert len(turned - {plain.request()}) >= 5


def test_a_plain_request_is_the_one_that_everybody_writes() -> None:
    draft = Draft(page="account", id=b"7", path=b"/account", query=b"id=7")
    assert draft.request() == (
        b"GET /account?id=7 HTTP/1.1\r\nHost: shop.example.org\r\nUser-Agent: fuzz/1.0\r\n"
        b"Authorization: Basic YW5uOnNlY3JldA==\r\nConnection: close\r\n\r\n"
    )


def test_each_spelling_has_an_address_of_its_own() -> None:
    assert [address(0), address(300), address(70_000)] == ["127.1.0.0", "127.1.1.44", "127.2.17.112"]
    assert [number(address(each)) for each in (0, 255, 256, 70_000)] == [0, 255, 256, 70_000]
    assert number("127.0.0.1") is None
    assert number("192.0.2.1") is None


class _Echo(socketserver.StreamRequestHandler):
    """Answers with the sender and, where the request line asks for one, a page."""

    def handle(self) -> None:
        line = self.rfile.readline()
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + self.client_address[0].encode())
        if b"page" in line:
            self.wfile.write(b" [[page customer of 7]]")


@pytest.fixture
def echo() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_what_a_server_answered_with_is_read_from_its_bytes_alone(echo: int) -> None:
    answers = send_all(echo, [b"GET /page\r\n", b"GET /nothing\r\n"], first=5)
    assert [answer.pages for answer in answers] == [(("customer", "7"),), ()]
    assert [answer.head.split()[-1] for answer in answers][1] == b"127.1.0.6"
    assert b"127.1.0.5" in answers[0].head


def test_a_server_that_waits_for_more_is_left_with_what_it_said_so_far() -> None:
    class Half(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK [[page account of 7]]")
            self.rfile.read()  # until the other side goes

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Half) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        (answer,) = send_all(server.server_address[1], [b"GET /account?id=7"], first=0)
        server.shutdown()
        thread.join()
    assert (answer.pages, answer.whole) == ((("account", "7"),), False)


def _line(at: int, request: str, *, status: int = 200, agent: str = "fuzz/1.0", user: str = "ann") -> str:
    return f'{address(at)} - {user} {_TIME} "{request}" {status} 22 "-" "{agent}"\n'


def test_what_escapes_is_seen(tmp_path: Path) -> None:
    """One line for each thing that a line can become; the last spelling is in no line."""
    text = (
        _line(0, "GET /my/info HTTP/1.1")
        + _line(1, "GET /MY/INFO HTTP/1.1")
        + _line(2, "GET /elsewhere HTTP/1.1")
        + _line(3, "GET /customers/7 HTTP/1.1").replace(" 200 ", " 2x0 ")
        + _line(4, "GET /customers/7 HTTP/1.1", user="a\n\nb")
        + "notice: a worker began\n"
        + "".join(_line(at, "GET / HTTP/1.1") for at in range(100, 120))
    )
    log = tmp_path / "access.log"
    log.write_text(text)
    read = read_log(log, tmp_path)
    page = Answer(pages=(("customer", "7"),), head=b"HTTP/1.1 200 OK", whole=True)
    drafts = Grammar(1).fresh(6)
    served = joined(drafts, [page] * 6, read)
    assert [each.fate for each in served] == ["view", "possible", "event", "reject", "reject", "unlogged"]
    assert [fate.kind for fate in read.fates[4]] == ["reject", "comment", "reject", "message"]
    nothing = Answer(pages=(), head=b"HTTP/1.1 404 Not Found", whole=True)
    assert joined(drafts, [nothing] * 6, read) == []
