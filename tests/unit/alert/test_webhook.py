"""A webhook: what is signed, what is a receipt, and that nothing goes elsewhere."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.unit.alert.alerts import MADE, alert

from whosaw.alert import SinkDownError
from whosaw.alert.bodies import own_line
from whosaw.alert.webhook import WebhookSink, read_secret, sign
from whosaw.core.errors import WhosawError

SECRET = b"0123456789abcdef01234567"


class Receiver(HTTPServer):
    """Answers with `status` and remembers what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 204
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.got.append((self.path, {}, b""))
        self.send_response(200)
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


def sink(url: str) -> WebhookSink:
    return WebhookSink("hook", own_line, url=url, secret=SECRET, clock=lambda: MADE)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # the example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    told = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_id_time_and_body_are_all_signed() -> None:
    told = sign(SECRET, "f-1/2", 100, b"{}")
    assert len({told, sign(SECRET, "f-1/3", 100, b"{}"), sign(SECRET, "f-1/2", 101, b"{}"), sign(SECRET, "f-1/2", 100, b"[]")}) == 4  # fmt: skip


def test_an_alert_is_posted_with_its_key_and_a_signature(receiver: Receiver) -> None:
    sink(receiver.url).send(alert(), perhaps_sent=False)
    ((path, headers, body),) = receiver.got
    assert (path, body) == ("/hook", own_line(alert()))
    assert headers["webhook-id"] == headers["idempotency-key"] == "f-0123456789abcdef/2"
    assert headers["webhook-timestamp"] == "1763362805"
    assert headers["webhook-signature"] == sign(SECRET, "f-0123456789abcdef/2", 1_763_362_805, body)


@pytest.mark.parametrize("status", [302, 400, 503])
def test_any_other_answer_is_no_receipt(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(SinkDownError, match=f"answered {status}"):
        sink(receiver.url).send(alert(), perhaps_sent=False)
    assert [path for path, _, _ in receiver.got] == ["/hook"], "a redirection was followed"


def test_a_receiver_that_is_away_says_nothing_of_its_address() -> None:
    with Receiver() as server:
        url = f"http://127.0.0.1:{server.server_port}/secret-path"
    with pytest.raises(SinkDownError, match="cannot be reached") as told:
        sink(url).send(alert(), perhaps_sent=False)
    assert "secret-path" not in str(told.value)


def test_secrets_are_read_in_both_spellings() -> None:
    assert read_secret("whsec_" + base64.b64encode(SECRET).decode()) == SECRET
    assert read_secret(f" {SECRET.decode()}\n") == SECRET


@pytest.mark.parametrize("text", ["", "short", "whsec_c2hvcnQ=", "whsec_not base64"])
def test_a_secret_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WhosawError) as told:
        read_secret(text)
    assert told.value.code == "alert.secret"
