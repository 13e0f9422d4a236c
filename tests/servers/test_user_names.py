"""The names of Basic authentication as nginx and Apache write them down: whoever signed in is one principal, in either log."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.nginx import NGINX
from tests.e2e.servers import free_port, needed
from tests.servers.web_servers import APACHE, apache_names, nginx_files
from tests.waiting import HANG

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece

pytestmark = pytest.mark.slow

NAMES = [
    "EXAMPLE\\ann",
    "EXAMPLE\\bob",
    "EXAMPLE\\nora",
    "EXAMPLE\\x41ron",
    'a"quote',
    "back\\\\slashes",
    "김민아",
    "ann@example.org",
]
WRITTEN = {
    "nginx": "EXAMPLE\\x5Cann",
    "Apache": "EXAMPLE\\\\ann",
}  # by their documents: \\xXX, and a backslash before it


@pytest.mark.parametrize(
    ("server", "start", "program"),
    [("nginx", nginx_files, NGINX), ("Apache", apache_names, APACHE)],
    ids=["nginx", "Apache"],
)
def test_a_name_is_read_as_it_was_sent(
    server: str, start: Callable[[ExitStack, Path, int], None], program: Path, tmp_path: Path
) -> None:
    needed(program, server)
    with ExitStack() as stack:
        port = free_port()
        start(stack, tmp_path, port)
        for name in NAMES:
            sent = base64.b64encode(f"{name}:x".encode()).decode()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG)
            connection.request("GET", "/my/info", headers={"Authorization": f"Basic {sent}"})
            assert connection.getresponse().status == 200
            connection.close()
    data = (tmp_path / "access.log").read_bytes()
    assert WRITTEN[server].encode() in data
    piece = Piece(data=data, lines=count_lines(data))
    parsed = build_parser(load_formats([shipped_formats()])["combined"], None, None).parse(piece)
    # a server with several workers writes them down in any order
    assert sorted(parsed.events["principal"].to_pylist()) == sorted(NAMES)
