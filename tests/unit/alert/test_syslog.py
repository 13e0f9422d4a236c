"""Syslog messages, byte by byte, and the three ways they go."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from tests.unit.alert.alerts import alert, finding
from tests.waiting import HANG

from whosaw.alert import SinkDownError
from whosaw.alert.syslog import SyslogSink, syslog_message

# facility 13 (log audit) times 8, severity 2 (critical) for high confidence: 106
WHOLE = (
    b"<106>1 2025-11-17T07:00:05Z shop.example.org whosaw - new - \xef\xbb\xbf"
    b"alert=f-0123456789abcdef/2 finding=f-0123456789abcdef detector=persons-per-client confidence=high "
    b'persons="600 to 12,600 persons" One address saw at least 600 people, 600 within 1 hour. 1,200 views are unexplained.'
)
HOST = "shop.example.org"


def test_a_message_is_one_of_rfc_5424() -> None:
    assert syslog_message(alert(), HOST) == WHOLE


def test_confidence_is_severity() -> None:
    for level, number in (("high", 106), ("medium", 107), ("low", 108)):
        told = alert(finding=finding(confidence={"level": level, "reasons": []}))
        assert syslog_message(told, HOST).startswith(f"<{number}>1 ".encode())


def test_a_host_without_a_printable_name_is_the_nil_value() -> None:
    assert b"Z - whosaw" in syslog_message(alert(), " ")


def test_a_long_one_is_cut_between_characters() -> None:
    told = syslog_message(alert(finding=finding(facts=["é" * 3000])), HOST)
    assert len(told) in (2047, 2048)
    assert told.decode().endswith("é")


def test_a_datagram_goes_over_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(HANG)
        SyslogSink("s", transport="udp", place=server.getsockname(), host=HOST).send(
            alert(), perhaps_sent=False
        )
        assert server.recv(4096) == WHOLE


def test_octets_are_counted_over_tcp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(HANG)
        SyslogSink("s", transport="tcp", place=server.getsockname(), host=HOST).send(
            alert(), perhaps_sent=False
        )
        with server.accept()[0] as stream, stream.makefile("rb") as reading:
            assert reading.read() == f"{len(WHOLE)} ".encode() + WHOLE


def test_a_datagram_goes_into_a_unix_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(HANG)
        SyslogSink("s", transport="unix", place=str(tmp_path / "log"), host=HOST).send(
            alert(), perhaps_sent=False
        )
        assert server.recv(4096) == WHOLE


def test_nobody_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SinkDownError, match="cannot be reached"):
        SyslogSink("s", transport="unix", place=str(tmp_path / "log"), host=HOST).send(
            alert(), perhaps_sent=False
        )
