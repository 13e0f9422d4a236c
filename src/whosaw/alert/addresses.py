"""From what a person writes after `--to` to the sinks it names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from whosaw.core.errors import WhosawError

from .bodies import Body, ocsf_line, own_line
from .lines import LineSink
from .mail import MailSink
from .message import Sink
from .services import ServiceSink
from .syslog import SyslogSink
from .webhook import WebhookSink, read_secret

__all__ = ["Secrets", "open_sinks"]

_OCSF = "ocsf+"
_SYSLOG_PORTS = {"syslog": 514, "syslog+tcp": 601}
_MAIL_PORTS = {"mail": 587, "mails": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What sinks need and no command line should show."""

    webhook: str | None = field(default=None, repr=False)
    smtp_password: str | None = field(default=None, repr=False)


def open_sinks(
    addresses: Sequence[str],
    *,
    secrets: Secrets,
    clock: Callable[[], datetime],
    host: str,
    apprise: Any = None,
) -> list[Sink]:
    """The sinks of these addresses, each once. Nothing is sent yet. Raises `WhosawError` for what cannot be one.

    `stdout`, `file:PATH`, `http(s)://…`, `syslog://HOST[:PORT]`, `syslog+tcp://HOST[:PORT]`, `syslog+unix:PATH`,
    `mail(s)://[USER@]HOST[:PORT]/TO?from=SENDER`, `apprise:URL`; with `ocsf+` before the first three: as OCSF.
    """
    sinks: dict[str, Sink] = {}
    for address in addresses:
        sink = _sink(address.strip(), secrets, clock, host, apprise)
        sinks.setdefault(sink.name, sink)
    return list(sinks.values())


def _named(kind: str, host: str, address: str) -> str:
    """A name that stays and tells no secret: addresses of chat services and webhooks hold some."""
    return f"{kind}:{host}#{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def _sink(address: str, secrets: Secrets, clock: Callable[[], datetime], host: str, apprise: Any) -> Sink:
    body: Body = own_line
    bare = address
    if address.startswith(_OCSF):
        body, bare = ocsf_line, address.removeprefix(_OCSF)
    kind, _, rest = bare.partition(":")
    if bare in ("stdout", "-"):
        return LineSink(address.replace("-", "stdout"), body)
    if kind == "file" and rest:
        return LineSink(address, body, path=Path(rest))
    if kind in ("http", "https"):
        if not _split(bare).hostname:
            raise _refused(kind, "it names no host")
        if secrets.webhook is None:
            raise WhosawError(
                "alert.no-secret",
                "a webhook needs a secret to sign with",
                hint="Put one of at least 24 bytes into WHOSAW_WEBHOOK_SECRET",
            )
        name = _named(kind, str(_split(bare).hostname), address)
        return WebhookSink(name, body, url=bare, secret=read_secret(secrets.webhook), clock=clock)
    if body is ocsf_line:
        raise _refused(kind, "OCSF is for stdout, files and webhooks")
    if kind == "apprise" and rest:
        return ServiceSink(_named(kind, rest.partition(":")[0], rest), url=rest, library=apprise)
    if kind == "syslog+unix" and rest:
        return SyslogSink(address, transport="unix", place=rest.removeprefix("//"), host=host)
    if kind in _SYSLOG_PORTS:
        parts = _split(bare)
        place = (parts.hostname or "localhost", _port(parts, _SYSLOG_PORTS[kind]))
        return SyslogSink(
            f"{kind}://{place[0]}:{place[1]}",
            transport="tcp" if kind == "syslog+tcp" else "udp",
            place=place,
            host=host,
        )
    if kind in _MAIL_PORTS:
        return _mail(kind, bare, secrets)
    raise _refused(kind, "nothing is sent that way")


def _mail(kind: str, address: str, secrets: Secrets) -> Sink:
    parts = _split(address)
    to = unquote(parts.path.lstrip("/"))
    sender = parse_qs(parts.query).get("from", [""])[0]
    if not parts.hostname or "@" not in to or "@" not in sender or any(c in to + sender for c in "\r\n"):
        raise _refused(kind, "a mail address is written mail://USER@HOST:587/TO?from=SENDER")
    if parts.password is not None:
        raise _refused(kind, "a password does not belong there; put it into WHOSAW_SMTP_PASSWORD")
    return MailSink(
        f"{kind}://{parts.hostname}/{hashlib.sha256(to.encode()).hexdigest()[:12]}",
        host=parts.hostname,
        port=_port(parts, _MAIL_PORTS[kind]),
        tls=kind == "mails",
        user=unquote(parts.username) if parts.username else None,
        password=secrets.smtp_password,
        sender=sender,
        to=to,
    )


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        raise _refused(address.partition(":")[0], "the address cannot be read") from None


def _port(parts: SplitResult, usual: int) -> int:
    try:
        return parts.port or usual
    except ValueError:
        raise _refused(parts.scheme, "the port is no number up to 65535") from None


def _refused(kind: str, why: str) -> WhosawError:
    return WhosawError(
        "alert.address",
        f"--to {kind[:20]}:… cannot be used: {why}",
        hint="Ways are stdout, file:, https://, syslog://, syslog+tcp://, syslog+unix:, mail://, mails:// and apprise:",
    )
