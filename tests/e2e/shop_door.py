"""The door of the shop: nginx, writing the log that the documentation recommends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.nginx import nginx
from tests.e2e.servers import free_port

__all__ = ["Door", "door_of_shop"]

_BESIDE = """\
    keepalive_requests 100000;
    log_format with_token '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent '
        '"$http_referer" "$http_user_agent" sub=$upstream_http_x_sub jti=$upstream_http_x_jti '
        'kid=$upstream_http_x_kid rid=$request_id';
    upstream shop {{ server 127.0.0.1:{shop}; keepalive 8; }}
    upstream tokens {{ server 127.0.0.1:{tokens}; keepalive 8; }}"""
_SERVER = """\
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header X-Real-IP $remote_addr;
        proxy_hide_header X-Sub;
        proxy_hide_header X-Jti;
        proxy_hide_header X-Kid;
        location /login { proxy_pass http://tokens; }
        location / { proxy_pass http://shop; }"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where it listens and what it writes. The log is whole once it has stopped."""

    port: int
    access_log: Path


@contextmanager
def door_of_shop(folder: Path, *, shop: int, tokens: int) -> Iterator[Door]:
    """The door for as long as the block lasts, in front of the shop and its token service."""
    port = free_port()
    beside = _BESIDE.format(shop=shop, tokens=tokens)
    with nginx(folder, port, _SERVER, beside=beside, log="access.log with_token"):
        yield Door(port=port, access_log=folder / "access.log")
