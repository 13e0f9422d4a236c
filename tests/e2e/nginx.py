"""nginx in front of the shop, without root's paths, writing the log that the documentation recommends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.servers import free_port, is_open, needed, running

__all__ = ["Nginx", "nginx"]

_PROGRAM = Path("/usr/sbin/nginx")
_CONF = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
{user}
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 100000;
    log_format with_token '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent '
        '"$http_referer" "$http_user_agent" sub=$upstream_http_x_sub jti=$upstream_http_x_jti '
        'kid=$upstream_http_x_kid rid=$request_id';
    access_log {folder}/access.log with_token;
    upstream shop {{ server 127.0.0.1:{shop}; keepalive 8; }}
    upstream tokens {{ server 127.0.0.1:{tokens}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header X-Real-IP $remote_addr;
        proxy_hide_header X-Sub;
        proxy_hide_header X-Jti;
        proxy_hide_header X-Kid;
        location /login {{ proxy_pass http://tokens; }}
        location / {{ proxy_pass http://shop; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """Where it listens and what it writes. The log is whole once it has stopped."""

    port: int
    access_log: Path


@contextmanager
def nginx(folder: Path, *, shop: int, tokens: int) -> Iterator[Nginx]:
    """nginx for as long as the block lasts; it finishes what it began before it ends."""
    program = needed(_PROGRAM, "nginx")
    port = free_port()
    # started by root, its workers would change to a user that cannot write here
    user = "user root;" if os.geteuid() == 0 else ""
    conf = folder / "nginx.conf"
    conf.write_text(_CONF.format(folder=folder, user=user, shop=shop, tokens=tokens, port=port))
    command = [str(program), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(conf)]
    with running(command, ready=lambda: is_open(port), output=folder / "nginx.out", stop=signal.SIGQUIT):
        yield Nginx(port=port, access_log=folder / "access.log")
