"""Which lines that could not be read surely hold no request for a page of the map."""

from __future__ import annotations

import numpy as np
import pytest

from whosaw.ingest.lines import line_starts
from whosaw.mapping.data_map import load_map
from whosaw.mapping.reject_text import RejectTexts

MAP = """\
[[route]]
id = "info"
match = { method = "GET", path = "/my/info" }
subject = { from = "principal" }
categories = ["identity.name"]

[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["contact.address"]
"""
EVENT = '192.0.2.1 - - [14/Apr/2025:00:00:00 +0000] "GET /x HTTP/1.1" 200 5 "-" "a"\n'


def harmless(tmp_path, line: str | bytes, *, first: str = EVENT, text: str = MAP) -> bool:  # type: ignore[no-untyped-def]
    """Whether the line is harmless behind an event."""
    path = tmp_path / "map.toml"
    path.write_text(text)
    data = first.encode() + (line if isinstance(line, bytes) else line.encode())
    found = RejectTexts(load_map(path).routes).harmless(data, line_starts(data), np.array([0]), np.array([1]))
    return found.tolist() == [1]


@pytest.mark.parametrize(
    "line",
    [
        "INFO  started in 3.2 seconds\n",
        "\tat com.example.Shop.main(Shop.java:10)\n",
        "Server www/srv1 is DOWN, 2 active and 0 backup servers left\n",
        '{"level":"info","logger":"tls","msg":"renewed my certificate"}\n',
        '{"level":"warn","status":500,"path":"/health","remote":"192.0.2.7"}\r\n',
    ],
)
def test_a_line_of_a_program_holds_no_view(tmp_path, line) -> None:  # type: ignore[no-untyped-def]
    assert harmless(tmp_path, line)


@pytest.mark.parametrize(
    "line",
    [
        # a mapped path, however it is spelled
        'error: cannot write my/info" of somebody"\n',
        '{"path":"/my/info","bad":1}\n',
        '{"path":"/MY/INFO","bad":1}\n',
        '{"path":"/m%79/%69nfo"}\n',
        '{"path":"/m%2579/%2569nfo"}\n',
        '{"path":"\\u002fmy/\\u0069nfo"}\n',
        '{"path":"/my/\\\\x69nfo"}\n',
        '{"path":"/my/\uff49nfo"}\n',
        '{"path":"/x/../my/./info"}\n',
        '{"path":"/my/in\u00adfo"}\n',
        '{"path":"/customers/7/addresses"}\n',
        '{"path":"%e9%"}\n',
        # what may be cut, run together, packed or in no text
        '192.0.2.1 - - [14/Apr/2025:00:00:00 +0000] "GET /cu\n',
        "192.0.\n",
        "fe80::1 - -\n",
        "- - - [14/Apr\n",
        'fo HTTP/1.1" 200 5 "-" "a"\n',
        'a quote that stays "open\n',
        "INFO  started192.0.2.1 - - [14/\n",
        '{"path":"/hea\n',
        '{"path":"/health"}{"path":"/cus\n',
        '{"data":"' + "Z" * 80 + '"}\n',
        b"caf\xe9 closed\n",
        b"zero \x00 bytes\n",
        "INFO  the last line has no end",
    ],
)
def test_what_may_hold_a_view_is_never_called_harmless(tmp_path, line) -> None:  # type: ignore[no-untyped-def]
    assert not harmless(tmp_path, line)


def test_a_line_is_no_message_where_lines_of_the_log_begin_like_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    named = "shop.example.org 192.0.2.1 - - [14/Apr/2025:00:00:00 +0000] x\n"
    assert not harmless(tmp_path, "INFO  started in 3.2 seconds\n", first=named)
    assert harmless(tmp_path, '{"level":"info"}\n', first=named)


def test_a_map_of_what_has_no_path_leaves_every_line_open(tmp_path) -> None:  # type: ignore[no-untyped-def]
    queries = (
        MAP
        + """
[[route]]
id = "rows"
match = { object = "public.customers" }
subject = { from = "unknown" }
categories = ["identity.name"]
"""
    )
    assert not harmless(tmp_path, "INFO  started\n", text=queries)


def test_a_page_without_a_word_leaves_every_line_open(tmp_path) -> None:  # type: ignore[no-untyped-def]
    bare = MAP.replace('path = "/customers/{id}/addresses"', 'path = "/{id}"')
    assert not harmless(tmp_path, "INFO  started\n", text=bare)


CRI = "2025-11-24T10:00:00.1Z {} F {}\n"
SYSLOG = "Nov 24 10:00:00 lb1 haproxy[7]: {}\n"


@pytest.mark.parametrize(
    ("first", "line", "told"),
    [
        (CRI.format("stdout", EVENT.strip()), CRI.format("stderr", "worker started"), True),
        (CRI.format("stdout", EVENT.strip()), CRI.format("stderr", '{"level":"info"}'), True),
        (CRI.format("stdout", EVENT.strip()), CRI.format("stdout", "192.0.2.1 - - [14/Apr"), False),
        (CRI.format("stdout", EVENT.strip()), CRI.format("stderr", "wrote my/info"), False),
        (CRI.format("stdout", EVENT.strip()), "worker started\n", False),
        (CRI.format("stdout", EVENT.strip()), "2025-11-24T10:00:00.1Z stdout P worker started\n", False),
        (SYSLOG.format(EVENT.strip()), SYSLOG.format("Server www/srv1 is DOWN"), True),
        (SYSLOG.format(EVENT.strip()), SYSLOG.format("192.0.2.1:7 [14/Apr"), False),
        (SYSLOG.format(EVENT.strip()), "Nov 24 10:00:00 lb1 ha\n", False),
    ],
)
def test_the_header_of_a_container_or_of_syslog_is_no_part_of_a_message(  # type: ignore[no-untyped-def]
    tmp_path, first: str, line: str, told: bool
) -> None:
    assert harmless(tmp_path, line, first=first) is told
