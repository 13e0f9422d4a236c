"""nginx without root's paths, for whatever a test says that it serves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.servers import as_root, is_open, needed, running

__all__ = ["NGINX", "nginx"]

NGINX = Path("/usr/sbin/nginx")
_CONF = """\
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
{user}
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type text/html;
{beside}
    access_log {folder}/{log};
    server {{
        listen 127.0.0.1:{port};
{server}
    }}
}}
"""


@contextmanager
def nginx(
    folder: Path,
    port: int,
    server: str,
    *,
    beside: str = "",
    log: str = "access.log combined",
    workers: int = 2,
) -> Iterator[None]:
    """nginx for as long as the block lasts; it finishes what it began before it ends, and its log is whole then.

    `server` is what its server does and `beside` what stands in front of the server, both in nginx's own words; `log` is the file
    below the folder and its format.
    """
    program = needed(NGINX, "nginx")
    conf = folder / "nginx.conf"
    conf.write_text(
        _CONF.format(
            folder=folder,
            port=port,
            server=server,
            beside=beside,
            log=log,
            workers=workers,
            user=as_root("user root;"),
        )
    )
    command = [str(program), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(conf)]
    with running(command, ready=lambda: is_open(port), output=folder / "nginx.out", stop=signal.SIGQUIT):
        yield
