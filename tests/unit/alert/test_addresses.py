"""What may stand behind --to, what it becomes, and that no name tells a secret."""

from __future__ import annotations

import smtplib
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.unit.alert.alerts import MADE, alert

from whosaw.alert import Secrets, Sink, SinkDownError, open_sinks
from whosaw.alert.mail import MailSink, mail_of
from whosaw.core.errors import WhosawError

SECRETS = Secrets(webhook="0123456789abcdef01234567", smtp_password="password")
WEBHOOK = "https://hooks.example.org/T0/very-secret"


class Apprise:
    """What whosaw uses of the library (apprise.Apprise: add, notify)."""

    takes = True
    sent: list[dict[str, str]]

    def __init__(self) -> None:
        self.sent = []

    def add(self, url: str) -> bool:
        return url.startswith("json://")

    def notify(self, *, title: str, body: str, notify_type: str, body_format: str) -> bool:
        self.sent.append({"title": title, "body": body, "type": notify_type, "format": body_format})
        return self.takes


class Library:
    """The module."""

    def __init__(self) -> None:
        self.made = Apprise()

    def Apprise(self) -> Apprise:  # noqa: N802  # the library's name for it
        return self.made


def sinks(*addresses: str, secrets: Secrets = SECRETS, apprise: Any = None) -> list[Sink]:
    return open_sinks(
        addresses, secrets=secrets, clock=lambda: MADE, host="shop.example.org", apprise=apprise
    )


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("stdout", "stdout"),
        ("-", "stdout"),
        ("ocsf+stdout", "ocsf+stdout"),
        ("file:alerts.jsonl", "file:alerts.jsonl"),
        ("ocsf+file:/var/log/alerts.jsonl", "ocsf+file:/var/log/alerts.jsonl"),
        ("syslog://192.0.2.1", "syslog://192.0.2.1:514"),
        ("syslog+tcp://[2001:db8::1]:6514", "syslog+tcp://2001:db8::1:6514"),
        ("syslog+unix:/dev/log", "syslog+unix:/dev/log"),
    ],
)
def test_an_address_becomes_a_sink(address: str, name: str) -> None:
    assert [each.name for each in sinks(address)] == [name]


def test_names_stay_and_tell_no_secret() -> None:
    library = Library()
    addresses = (WEBHOOK, "mail://user@smtp.example.org/security@example.org?from=whosaw@example.org", "apprise:json://user:very-secret@example.org")  # fmt: skip
    names = [each.name for each in sinks(*addresses, apprise=library)]
    assert names == [each.name for each in sinks(*addresses, apprise=library)]
    assert not any("secret" in name or "security@" in name for name in names)
    assert names[0].startswith("https:hooks.example.org#")


def test_the_same_address_is_one_sink() -> None:
    assert len(sinks("stdout", "-", WEBHOOK, WEBHOOK)) == 2


@pytest.mark.parametrize(
    "address",
    [
        "", "carrier-pigeon://example.org", "file:", "https", "ocsf+syslog://192.0.2.1", "syslog://192.0.2.1:99999",
        "mail://smtp.example.org/security@example.org", "mail://smtp.example.org/nobody?from=whosaw@example.org",
        "mail://user:password@smtp.example.org/security@example.org?from=whosaw@example.org",
        "mail://smtp.example.org/a@example.org%0d%0aBcc:b@example.org?from=whosaw@example.org", "http://[::1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WhosawError) as told:
        sinks(address)
    assert told.value.code == "alert.address"
    assert "password" not in told.value.message.replace("a password does not", "")


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(WhosawError) as told:
        sinks(WEBHOOK, secrets=Secrets())
    assert told.value.code == "alert.no-secret"


def test_secrets_do_not_show() -> None:
    assert "password" not in repr(SECRETS).replace("smtp_password", "")


def test_apprise_gets_a_letter() -> None:
    library = Library()
    (sink,) = sinks("apprise:json://example.org", apprise=library)
    sink.send(alert(), perhaps_sent=False)
    (told,) = library.made.sent
    assert told["title"] == "whosaw: One address saw at least 600 people, 600 within 1 hour"
    assert (told["type"], told["format"]) == ("failure", "text")
    library.made.takes = False
    with pytest.raises(SinkDownError):
        sink.send(alert(), perhaps_sent=False)


def test_an_address_that_apprise_refuses_is_not_shown() -> None:
    with pytest.raises(WhosawError) as told:
        sinks("apprise:nonsense://very-secret", apprise=Library())
    assert "very-secret" not in str(told.value)


class Server:
    """What whosaw uses of smtplib.SMTP."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.did: list[str] = []
        self.mail = EmailMessage()

    def login(self, user: str, password: str) -> None:
        self.did.append(f"login {user} {password}")

    def send_message(self, mail: EmailMessage) -> None:
        if self.fault is not None:
            raise self.fault
        self.mail = mail
        self.did.append("send")

    def quit(self) -> None:
        self.did.append("quit")


def mailer(server: Server) -> MailSink:
    return MailSink(
        "mail", host="smtp.example.org", port=587, tls=False, user="user", password="password",
        sender="whosaw@example.org", to="security@example.org", connect=lambda: server,  # type: ignore[arg-type, return-value]
    )  # fmt: skip


def test_a_letter_goes_to_the_server() -> None:
    server = Server()
    mailer(server).send(alert(), perhaps_sent=False)
    assert server.did == ["login user password", "send", "quit"]
    assert server.mail["To"] == "security@example.org"


@pytest.mark.parametrize(
    "fault",
    [smtplib.SMTPRecipientsRefused({}), smtplib.SMTPDataError(451, b"later"), TimeoutError(), ssl.SSLError()],
)
def test_a_server_that_does_not_take_it_gets_it_later(fault: Exception) -> None:
    with pytest.raises(SinkDownError):
        mailer(Server(fault)).send(alert(), perhaps_sent=False)


def test_the_same_alert_is_the_same_letter() -> None:
    mail = mail_of(alert(), sender="whosaw@example.org", to="security@example.org")
    assert mail["Message-ID"] == "<f-0123456789abcdef.2@example.org>"
    assert mail["Subject"] == "whosaw: One address saw at least 600 people, 600 within 1 hour"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["alert.json"]


class Plain(socketserver.StreamRequestHandler):
    """An SMTP server that offers no STARTTLS and takes a letter from anybody (RFC 5321)."""

    def handle(self) -> None:
        self.wfile.write(b"220 smtp.example.org\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    self.server.letter.append(text)  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 smtp.example.org\r\n")
            if verb == b"QUIT":
                return


@contextmanager
def plain_server() -> Iterator[tuple[int, list[bytes]]]:
    with socketserver.TCPServer(("127.0.0.1", 0), Plain) as server:
        letter: list[bytes] = []
        server.letter = letter  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], letter
        finally:
            server.shutdown()
            thread.join()


def test_no_letter_leaves_in_the_clear_unless_that_is_said() -> None:
    with plain_server() as (port, letter):
        address = f"mail://127.0.0.1:{port}/security@example.org?from=whosaw@example.org"
        (sink,) = sinks(address)
        with pytest.raises(SinkDownError, match="offers no TLS"):
            sink.send(alert(), perhaps_sent=False)
        assert letter == []
        (told,) = sinks(f"{address}&tls=none")
        told.send(alert(), perhaps_sent=False)
        assert any(line.startswith(b"Subject: whosaw") for line in letter)


@pytest.mark.parametrize("more", ["&tls=none", "&tls=perhaps"])
def test_a_password_never_goes_in_the_clear(more: str) -> None:
    with pytest.raises(WhosawError) as told:
        sinks(f"mail://user@smtp.example.org/security@example.org?from=whosaw@example.org{more}")
    assert told.value.code == "alert.address"


def test_addresses_that_hold_a_secret_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "sinks").write_text(f"# where alerts go\n{WEBHOOK}\n\nstdout\n", encoding="utf-8")
    assert [each.name for each in sinks(f"@{tmp_path / 'sinks'}")] == [
        each.name for each in sinks(WEBHOOK, "stdout")
    ]
    with pytest.raises(WhosawError) as told:
        sinks(f"@{tmp_path / 'absent'}")
    assert told.value.code == "alert.address-file"
