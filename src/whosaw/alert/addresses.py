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
    `mail(s)://[USER@]HOST[:PORT]/TO?from=SENDER[&tls=none]`, `apprise:URL`; with `ocsf+` before the first three: as OCSF.
    `@FILE` stands for the addresses in a file, one a line: so none that holds a secret stands among the arguments of a process.
    """
    sinks: dict[str, Sink] = {}
    for address in (each for given in addresses for each in _listed(given.strip())):
        sink = _sink(address, secrets, clock, host, apprise)
        sinks.setdefault(sink.name, sink)
    return list(sinks.values())


def _listed(address: str) -> list[str]:
    """The address itself, or those in the file that it names."""
    if not address.startswith("@"):
        return [address]
    try:
        lines = Path(address[1:]).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise WhosawError(
            "alert.address-file",
            f"the addresses in {address[1:]} cannot be read ({getattr(fault, 'strerror', None) or 'it is not UTF-8'})",
            hint="A file after @ holds one address a line",
        ) from fault
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


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
    raise _refused(kind, "no such way is known")


def _mail(kind: str, address: str, secrets: Secrets) -> MailSink:
    parts = _split(address)
    to = unquote(parts.path.lstrip("/"))
    asked = parse_qs(parts.query)
    sender, tls = asked.get("from", [""])[0], asked.get("tls", [""])[0]
    if not parts.hostname or "@" not in to or "@" not in sender or any(c in to + sender for c in "\r\n"):
        raise _refused(kind, "a mail address is written mail://USER@HOST:587/TO?from=SENDER")
    if parts.password is not None:
        raise _refused(kind, "a password does not belong there; put it into WHOSAW_SMTP_PASSWORD")
    if tls not in ("", "none"):
        raise _refused(kind, "tls=none lets letters go in the clear; there is no other value")
    if tls == "none" and parts.username:
        raise _refused(kind, "a password never goes in the clear; leave out the user or tls=none")
    return MailSink(
        f"{kind}://{parts.hostname}/{hashlib.sha256(to.encode()).hexdigest()[:12]}",
        host=parts.hostname,
        port=_port(parts, _MAIL_PORTS[kind]),
        tls=kind == "mails",
        user=unquote(parts.username) if parts.username else None,
        password=secrets.smtp_password,
        sender=sender,
        to=to,
        clear=tls == "none",
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
