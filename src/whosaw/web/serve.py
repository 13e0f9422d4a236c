"""Runs the console on this machine alone."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import uvicorn

from whosaw.app.gating.door import Coming, coming
from whosaw.core.errors import WhosawError

from .app import console_app

__all__ = ["HOST", "serve"]

HOST = "127.0.0.1"


def serve(
    root: Path,
    *,
    now: Callable[[], datetime],
    port: int,
    told: Callable[[str], None],
    key_file: Path | None = None,
) -> None:
    """Serve the workspace on loopback until it is stopped. `port` 0 takes a free one; `told` is called with the address once it is open.

    Raises `WhosawError` where the port is in use.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(128)  # from now on whoever comes waits until they are answered
    except OSError as fault:
        listening.close()
        raise WhosawError(
            "serve.port",
            f"port {port} of this machine cannot be used ({fault.strerror})",
            hint="Take another one: --port 0 takes any that is free",
        ) from fault
    port = listening.getsockname()[1]
    app = console_app(root, now=now, hosts=[f"{HOST}:{port}", f"localhost:{port}"], key_file=key_file)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, lifespan="on", timeout_graceful_shutdown=5
    )  # fmt: skip
    told(f"http://{HOST}:{port}")
    coming.set(Coming(door="console", tell=lambda _: None, now=now))  # whoever started it is not who comes
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()
