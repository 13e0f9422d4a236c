"""Runs the console: on this machine alone, or behind a proxy that speaks TLS."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn

from whosaw.app.gating.door import Coming, coming
from whosaw.app.lookup.looking import PageFollower
from whosaw.core.errors import WhosawError

from .app import console_app
from .behind import Behind, BehindProxy

__all__ = ["HOST", "serve"]

HOST = "127.0.0.1"


def serve(
    root: Path,
    *,
    now: Callable[[], datetime],
    port: int,
    told: Callable[[str, str], None],
    said: Callable[[str], None],
    key_file: Path | None = None,
    behind: Behind | None = None,
    listen: str = HOST,
    zone: str = "UTC",
) -> None:
    """Serve the workspace until it is stopped. `port` 0 takes a free one; `told` is called with the address, and with what it listens on, once it is open, `said` with what look-up pages that are followed report. Without a
    proxy that it is `behind` it is answered on loopback alone. Times are told in `zone` to whoever chose no other one.

    Raises `WhosawError` where the port is in use, and where it would be answered to others without TLS.
    """
    listening = _socket(listen, alone=behind is None)
    try:
        listening.bind((listen, port))
        listening.listen(128)  # from now on whoever comes waits until they are answered
    except OSError as fault:
        listening.close()
        raise WhosawError(
            "serve.port",
            f"port {port} of this machine cannot be used ({fault.strerror})",
            hint="Take another one: --port 0 takes any that is free",
        ) from fault
    port = listening.getsockname()[1]
    hosts = [f"{HOST}:{port}", f"localhost:{port}"] if behind is None else [behind.host]
    app: Any = console_app(
        root, now=now, hosts=hosts, key_file=key_file, secure=behind is not None, zone=zone
    )
    if behind is not None:
        app = BehindProxy(app, behind)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, lifespan="on", proxy_headers=False, timeout_graceful_shutdown=5
    )  # fmt: skip
    told(f"http://{HOST}:{port}" if behind is None else behind.address, f"{listen}:{port}")
    coming.set(Coming(door="console", tell=lambda _: None, now=now))  # whoever started it is not who comes
    follower = PageFollower(root, now=now, told=said)
    follower.start()
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()
        follower.end()


def _socket(listen: str, *, alone: bool) -> socket.socket:
    try:
        address = ip_address(listen)
    except ValueError as fault:
        raise WhosawError(
            "serve.listen", f"{listen!r} is no IP address", hint="Such as 0.0.0.0, or ::"
        ) from fault
    if alone and not address.is_loopback:
        raise WhosawError(
            "serve.open",
            f"on {listen} others could read along: the console speaks no TLS by itself",
            hint="Put it behind a proxy that does, and say --behind-proxy https://HOST",
        )
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return listening
