"""Alerts as syslog messages (RFC 5424): datagrams over UDP (RFC 5426) or a Unix socket, counted octets over TCP (RFC 6587)."""

from __future__ import annotations

import socket
from typing import Literal

from whosaw.core.instants import format_instant

from .message import Alert, SinkDownError

__all__ = ["SyslogSink", "syslog_message"]

Transport = Literal["udp", "tcp", "unix"]
TIMEOUT = 10.0
_FACILITY = 13  # log audit
_SEVERITY = {"high": 2, "medium": 3, "low": 4}
_MOST = 2048  # what a receiver should take (RFC 5424, 6.1)


def syslog_message(alert: Alert, host: str) -> bytes:
    """One message of at most 2,048 bytes: what singles the alert out first, then title and facts, cut where it must be."""
    header = (
        f"<{_FACILITY * 8 + _SEVERITY[alert.finding.confidence.level]}>1 {format_instant(alert.made_at)} {_token(host)} "
        f"whosaw - {alert.news} - "
    )
    finding = alert.finding
    told = (
        f"alert={alert.key} finding={finding.id} detector={finding.detector} confidence={finding.confidence.level} "
        f'persons="{finding.persons}" {finding.title}. {" ".join(finding.facts)}'
    )
    return (header.encode("ascii") + b"\xef\xbb\xbf" + told.encode())[:_MOST].decode(errors="ignore").encode()


def _token(host: str) -> str:
    """A host name as the header may hold it."""
    return "".join(each for each in host if "!" <= each <= "~")[:255] or "-"


class SyslogSink:
    """Sends each alert as one message. UDP gives no receipt, and TCP none from the program behind it."""

    def __init__(self, name: str, *, transport: Transport, place: tuple[str, int] | str, host: str) -> None:
        self.name = name
        self._transport, self._place, self._host = transport, place, host

    def send(self, alert: Alert, *, perhaps_sent: bool) -> None:  # noqa: ARG002  # syslog cannot be asked
        data = syslog_message(alert, self._host)
        try:
            if isinstance(self._place, str):
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
                    local.settimeout(TIMEOUT)
                    local.connect(self._place)
                    local.send(data)
            elif self._transport == "tcp":
                with socket.create_connection(self._place, timeout=TIMEOUT) as stream:
                    stream.sendall(f"{len(data)} ".encode() + data)
            else:
                family, kind, protocol, _, address = socket.getaddrinfo(*self._place, type=socket.SOCK_DGRAM)[
                    0
                ]
                with socket.socket(family, kind, protocol) as datagram:
                    datagram.sendto(data, address)
        except OSError as fault:
            raise SinkDownError(f"cannot be reached ({fault.strerror or type(fault).__name__})") from None

    def close(self) -> None:
        """Nothing is held open."""
